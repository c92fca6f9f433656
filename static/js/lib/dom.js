/**
 * What the server put into the page for its script (`<script type="application/json" id="boot">`), and the words of its language, which are
 * a script of their own that browsers keep. @returns {any}
 */
export function boot() {
  const { words = {} } = /** @type {any} */ (window);
  return { words, ...JSON.parse(document.getElementById("boot")?.textContent || "{}") };
}

/** The storage of this device, or null where the browser keeps nothing: asking for it may throw. @returns {Storage | null} */
export function deviceStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** The databases of this device, or null where the browser has none: asking for them may throw. @returns {IDBFactory | null} */
export function deviceDatabases() {
  try {
    return window.indexedDB ?? null;
  } catch {
    return null;
  }
}

/**
 * Puts a text into an element that holds nothing else. Its node stays: WebKit forgets that a button was pressed where the node under the
 * pointer has been replaced before it is released, and what is drawn again ten times a second could never be pressed.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  const node = element.firstChild;
  if (!(node instanceof Text) || node.nextSibling) element.textContent = text;
  else if (node.data !== text) node.data = text;
}

/**
 * What a message says as it reads, without the signs of its markup; before the server has made that, as it was written. The server reads
 * a quote likewise (internal/wire/renderer.go).
 * @param {{ html?: string, text: string }} message
 * @returns {string}
 */
export function plain({ html, text }) {
  if (!html) return text;
  const made = document.createElement("template");
  made.innerHTML = html; // made and escaped by the server; nothing in it is shown, and nothing in a template loads or runs
  made.content.querySelector(".me > bdi")?.remove();
  for (const line of made.content.querySelectorAll("br, p, li, pre, blockquote")) line.after("\n");
  return made.content.textContent?.trim() ?? "";
}

const TAB = "parley.tab";

/**
 * This tab's own name, the same when its page is loaded again. It is put down only while no page has it: a copy of the tab gets another.
 * @returns {string}
 */
export function tabName() {
  const fresh = crypto.getRandomValues(new Uint32Array(2)).join(".");
  try {
    const name = sessionStorage.getItem(TAB) ?? fresh;
    sessionStorage.removeItem(TAB);
    addEventListener("pagehide", () => sessionStorage.setItem(TAB, name));
    addEventListener("pageshow", () => sessionStorage.removeItem(TAB));
    return name;
  } catch {
    return fresh;
  }
}

/**
 * Copies a text. Plain HTTP has no clipboard API, so a field that is shown to nobody is copied from.
 * @param {string} text
 * @returns {boolean} whether it was copied
 */
export function copyText(text) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "unseen";
  // Inside an open dialog everything outside it is inert and can't be selected.
  (focused?.closest("dialog") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  return copied;
}
