import { wordAt } from "../model/complete.js";

/** Below this the window is a phone's. Pixels. */
const NARROW = 768;

/** One thing to choose. `insert` takes the place of the sign and what stands after it. @typedef {{ label: string, hint?: string, insert: string }} Item */
/**
 * Where things to choose come from. `title` is what the list is called aloud; `find` may take its time: an answer that comes too late
 * is left out.
 * @typedef {import("../model/complete.js").Trigger & { title: string, find: (query: string) => Item[] | Promise<Item[]> }} Source
 */

/**
 * The one list that completes what one writes, above the field with the focus: a sign opens it, arrows choose, Tab and Enter take,
 * Escape closes. The focus stays in the field. While the list is closed no key is taken from anybody.
 */
class Completion {
  /** @type {Source[]} */
  #sources = [];
  #list = makeList();
  /** @type {Item[]} */
  #items = [];
  #chosen = 0;
  /** @type {HTMLTextAreaElement | HTMLInputElement | null} the field that the list is open for */
  #field = null;
  /** @type {import("../model/complete.js").Word | null} */
  #word = null;
  /** What was closed by Escape stays so until another word is begun. @type {import("../model/complete.js").Word | null} */
  #refused = null;
  #asked = 0;

  constructor() {
    // Pressing must not take the focus, and with it a phone's keyboard, from the field.
    for (const press of ["pointerdown", "mousedown"]) this.#list.addEventListener(press, (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const option = /** @type {Element} */ (event.target).closest("[role=option]");
      if (option) this.#take([...this.#list.children].indexOf(option));
    });
    document.addEventListener("selectionchange", () => this.#field && this.#moved());
    for (const change of ["resize", "scroll"]) visualViewport?.addEventListener(change, () => this.#place());
  }

  get isOpen() {
    return this.#field !== null;
  }

  /** @param {Source} source */
  register(source) {
    this.#sources.push(source);
  }

  /** Completes what is written in a field from now on. @param {HTMLTextAreaElement | HTMLInputElement} field */
  attach(field) {
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("input", () => this.#look(field));
    field.addEventListener("blur", () => this.#close());
    // Before the field's own keys, which send with Enter, and the page's, which go to the end with Escape.
    field.addEventListener("keydown", (event) => this.#key(/** @type {KeyboardEvent} */ (event)), { capture: true });
  }

  /** @param {HTMLTextAreaElement | HTMLInputElement} field */
  async #look(field) {
    const asked = ++this.#asked;
    const caret = field.selectionStart ?? 0;
    if (caret === field.selectionEnd) {
      for (const source of this.#sources) {
        const word = wordAt(field.value, caret, source);
        if (!word) continue;
        if (this.#isRefused(word)) return;
        const items = await source.find(word.query);
        if (asked !== this.#asked || document.activeElement !== field) return;
        const typed = field.value.slice(word.start, word.end);
        if (items.length === 0 || (items.length === 1 && items[0].insert.trimEnd() === typed)) continue;
        this.#open(field, word, source.title, items);
        return;
      }
    }
    this.#refused = null;
    this.#close();
  }

  /** @param {import("../model/complete.js").Word} word */
  #isRefused({ start, query }) {
    return this.#refused?.start === start && query.startsWith(this.#refused.query) && query !== "";
  }

  /**
   * @param {HTMLTextAreaElement | HTMLInputElement} field @param {import("../model/complete.js").Word} word
   * @param {string} title @param {Item[]} items
   */
  #open(field, word, title, items) {
    if (this.#field !== field) this.#close();
    this.#field = field;
    this.#word = word;
    this.#items = items;
    this.#list.ariaLabel = title;
    this.#list.replaceChildren(...items.map(option));
    (field.closest("dialog, main") ?? document.body).append(this.#list); // what is outside an open dialog can't be pressed
    field.setAttribute("aria-controls", this.#list.id);
    this.#choose(0);
    this.#place();
  }

  #close() {
    this.#asked++;
    if (!this.#field) return;
    this.#field.removeAttribute("aria-controls");
    this.#field.removeAttribute("aria-activedescendant");
    this.#field = null;
    this.#list.remove();
  }

  /** Above the field, or below where there is more room. */
  #place() {
    if (!this.#field) return;
    const { top, bottom, left, width } = this.#field.getBoundingClientRect();
    const [above, below] = [top, innerHeight - bottom];
    const { style } = this.#list;
    style.insetInlineStart = "auto";
    const isNarrow = innerWidth < NARROW; // then the field alone leaves no room for what stands beside a command
    style.left = `${isNarrow ? 8 : left}px`;
    style.maxWidth = `${isNarrow ? innerWidth - 16 : width}px`;
    style.maxHeight = `min(21rem, ${Math.max(above, below) - 12}px)`;
    style.top = above >= below ? "auto" : `${bottom + 4}px`;
    style.bottom = above >= below ? `${innerHeight - top + 4}px` : "auto";
  }

  /** @param {number} at */
  #choose(at) {
    this.#chosen = at;
    [...this.#list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    const option = this.#list.children[at];
    this.#field?.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // While an input method is composing, its keys are its own. Safari says so only by the old key code.
    if (!this.#field || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      this.#choose((this.#chosen + step + this.#items.length) % this.#items.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      this.#take(this.#chosen);
    } else if (event.key === "Escape") {
      this.#refused = this.#word;
      this.#close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Puts what was chosen in the place of what was typed. @param {number} at */
  #take(at) {
    const [field, word, item] = [this.#field, this.#word, this.#items[at]];
    if (!field || !word || !item) return;
    this.#close();
    field.focus({ preventScroll: true });
    field.setSelectionRange(word.start, field.selectionEnd ?? word.end);
    // Old, and the one way that the browser's undo knows of.
    if (!document.execCommand("insertText", false, item.insert)) {
      field.setRangeText(item.insert, word.start, field.selectionEnd ?? word.end, "end");
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    this.#close(); // what was put there may be the beginning of something longer, and is what was wanted
  }

  /** The caret was put somewhere else. */
  #moved() {
    const [field, word] = [this.#field, this.#word];
    if (!field || !word || document.activeElement !== field) return;
    if (field.selectionStart !== word.end || field.selectionEnd !== word.end) queueMicrotask(() => this.#look(field));
  }
}

function makeList() {
  const list = document.createElement("ul");
  list.className = "completion";
  list.id = "completion";
  list.role = "listbox";
  list.tabIndex = 0; // what scrolls must be reachable, though the arrows scroll it from the field
  return list;
}

/** @param {Item} item @param {number} at */
function option({ label, hint = "" }, at) {
  const option = document.createElement("li");
  option.id = `completion-${at}`;
  option.role = "option";
  const name = document.createElement("bdi");
  name.textContent = label;
  const more = document.createElement("span");
  more.className = "hint";
  more.textContent = hint;
  option.append(name, more);
  return option;
}

export const completion = new Completion();
