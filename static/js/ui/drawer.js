import { openDialog } from "./dialogs.js";

/**
 * A column that is always there on wide screens and a drawer on narrow ones. The one list moves into a dialog while it is open
 * as a drawer, so that focus is trapped and given back, and back into its column when it closes or the window grows.
 */
export class Drawer extends HTMLElement {
  #box = document.createElement("dialog");

  connectedCallback() {
    if (this.#box.isConnected) return;
    const column = /** @type {HTMLElement} */ (this.firstElementChild);
    this.#box.id = this.localName;
    this.#box.className = this.dataset.side === "end" ? "drawer end" : "drawer";
    this.#box.setAttribute("aria-labelledby", column.getAttribute("aria-labelledby") ?? "");
    const shut = /** @type {HTMLTemplateElement} */ (document.getElementById("shut")).content.cloneNode(true);
    this.#box.append(shut);
    this.#box.addEventListener("click", (event) => {
      const chosen = /** @type {Element} */ (event.target).closest(".shut, a[href]");
      if (chosen) this.close();
    });
    // The event comes a while after the closing: by then it may be open again.
    this.#box.addEventListener("close", () => !this.#box.open && this.prepend(column));
    document.body.append(this.#box);
    addEventListener("resize", () => this.isColumn() && this.close());
  }

  /** Whether the list stands in the page now. */
  isColumn() {
    return getComputedStyle(this).display !== "none";
  }

  /** Shows the list: as a drawer where it isn't a column, and then with the focus in it. */
  show() {
    if (!this.isColumn()) {
      const column = this.firstElementChild; // null where it is still in the drawer that was closed just now
      if (column) this.#box.prepend(column);
      openDialog(this.#box);
    }
    const first = this.list.querySelector("[aria-current], .who, a[href]");
    /** @type {HTMLElement | null} */ (first)?.focus();
  }

  close() {
    if (this.#box.open) this.#box.close();
  }

  /** The list, wherever it stands. @returns {HTMLElement} */
  get list() {
    return this.find(".list");
  }

  /** Finds something in the column, wherever it stands. @param {string} selector @returns {HTMLElement} */
  find(selector) {
    return /** @type {HTMLElement} */ (this.querySelector(selector) ?? this.#box.querySelector(selector));
  }
}
