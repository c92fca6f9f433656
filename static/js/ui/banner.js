import { setText } from "../lib/dom.js";
import { speak } from "./status.js";

/** A connection that is back sooner than this was never gone, as far as one can see. Milliseconds. */
const SILENT = 1500;

/**
 * @typedef {object} Notice
 * @property {string} key what it is about: the same key again is the same news, and isn't said again
 * @property {number} since when it began, as Date.now()
 * @property {(seconds: number) => string} text what it says, with the seconds left until `until`
 * @property {number} [until] when something will happen, as Date.now()
 * @property {string} [act] what its button says
 * @property {() => void} [onAct]
 */

/** The line above the log that says how the connection stands. Its seconds are seen counting down and said once. */
export class Banner extends HTMLElement {
  /** @type {Notice | null} */
  #notice = null;
  #said = "";
  #timer = 0;

  connectedCallback() {
    this.querySelector("button")?.addEventListener("click", () => this.#notice?.onAct?.());
  }

  /** What the notice that there is now is about, "" for none. */
  get key() {
    return this.#notice?.key ?? "";
  }

  /** Shows a notice instead of the one that is there; null shows none. @param {Notice | null} notice */
  show(notice) {
    this.#notice = notice;
    clearTimeout(this.#timer);
    if (!notice) {
      this.hidden = true;
      this.#said = "";
      return;
    }
    const wait = this.hidden ? Math.min(SILENT, notice.since + SILENT - Date.now()) : 0; // the device's clock may be set back
    if (wait > 0) this.#timer = window.setTimeout(() => this.#draw(), wait);
    else this.#draw();
  }

  #draw() {
    const notice = this.#notice;
    if (!notice) return;
    const seconds = Math.max(0, Math.ceil(((notice.until ?? 0) - Date.now()) / 1000));
    const text = notice.text(seconds);
    setText(/** @type {HTMLElement} */ (this.querySelector(".text")), text);
    const button = /** @type {HTMLButtonElement} */ (this.querySelector("button"));
    setText(button, notice.act ?? "");
    button.hidden = !notice.act;
    this.hidden = false;
    if (this.#said !== notice.key) speak(text);
    this.#said = notice.key;
    if (notice.until && seconds > 0) this.#timer = window.setTimeout(() => this.#draw(), 250);
  }
}
customElements.define("parley-banner", Banner);
