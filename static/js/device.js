// The sheet with the code for another device, asked for with the first of them (see ui/menu.js). What is in it is the server's page.

import { copyText } from "./lib/dom.js";

/** How often it is asked whether the code was used, in milliseconds. */
const ASK = 3000;

/**
 * Opens the sheet, asks for a code and puts it there, where it counts down to its end.
 * @param {import("./ui/app.js").App} app
 * @param {HTMLFormElement} form that asks for it
 */
export async function showDevice(app, form) {
  const box = /** @type {HTMLDialogElement} */ (document.getElementById("device"));
  const copy = /** @type {HTMLElement} */ (box.querySelector('[data-act="copy-code"]'));
  box.dataset.copy ??= copy.textContent ?? "";
  copy.hidden = true; // until there is a code
  app.show("device");
  const page = await requested(form);
  const part = page?.querySelector(".device");
  const into = /** @type {HTMLElement} */ (box.querySelector(".device"));
  const title = /** @type {HTMLElement} */ (box.querySelector("h2"));
  if (!part) {
    const offline = Object.assign(document.createElement("p"), { textContent: app.words.say("js.slash.offline") });
    into.replaceChildren(page?.querySelector(".lede") ?? offline);
    return;
  }
  const heading = part.querySelector("h1");
  title.textContent = heading?.textContent ?? "";
  heading?.remove();
  into.replaceChildren(...document.importNode(part, true).childNodes);
  wireCopy(box, app.words);
  await countDown(box, /** @type {HTMLElement} */ (into.querySelector(".left")));
}

/** @param {HTMLFormElement} form @returns {Promise<Document | null>} the page that it leads to */
async function requested(form) {
  try {
    const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    const answer = await fetch(form.action, { method: "POST", body });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

/**
 * Says how long the code is good, until it was used, is too old, or the sheet is closed.
 * @param {HTMLDialogElement} box
 * @param {HTMLElement} line
 */
async function countDown(box, line) {
  const { code = "", left = "", over = "", used = "", seconds = "0" } = line.dataset;
  const end = performance.now() + Number(seconds) * 1000;
  let asked = performance.now();
  for (;;) {
    const rest = Math.ceil((end - performance.now()) / 1000);
    if (rest <= 0) return finish(box, line, over);
    line.textContent = left.replace("{time}", `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (!box.open || !line.isConnected) return;
    if (performance.now() - asked < ASK) continue;
    asked = performance.now();
    if (await wasUsed(code)) return finish(box, line, used);
  }
}

/** @param {string} code */
async function wasUsed(code) {
  try {
    const answer = await fetch(`/add/${code}`, { headers: { Accept: "application/json" } });
    return answer.ok && (await answer.json()).good === false;
  } catch {
    return false;
  }
}

/** Nothing is left to be scanned. @param {HTMLDialogElement} box @param {HTMLElement} line @param {string} text */
function finish(box, line, text) {
  for (const part of box.querySelectorAll(".device > :not(.left)")) part.remove();
  line.textContent = text;
  line.setAttribute("role", "status");
  /** @type {HTMLElement} */ (box.querySelector('[data-act="copy-code"]')).hidden = true;
}

/** @param {HTMLDialogElement} box @param {import("./lib/words.js").Words} words */
function wireCopy(box, words) {
  const button = /** @type {HTMLButtonElement} */ (box.querySelector('[data-act="copy-code"]'));
  button.hidden = false;
  button.textContent = box.dataset.copy ?? "";
  button.onclick = () => {
    const address = /** @type {HTMLElement} */ (box.querySelector(".url"));
    const copied = copyText(address.textContent ?? "");
    if (!copied) getSelection()?.selectAllChildren(address);
    button.textContent = words.say(copied ? "js.invite.copied" : "js.invite.select");
  };
}
