import { entriesOf } from "./entries.js";
import { drawList } from "./list.js";
import { fillRow, makeRow } from "./row.js";
import { speak } from "./status.js";

/** This near to the end one is at the end, and stays there when something arrives. CSS pixels. */
const NEAR = 100;
/** This near to the top the older messages are fetched. CSS pixels. */
const AHEAD = 600;
/** News is gathered for so long before it is said aloud. Milliseconds. */
const BREATH = 1000;

/**
 * What was said in the room. However much arrives, it is drawn once per animation frame: the list is made what the model says,
 * and rows that are there stay. The scroller runs backwards from its end (css/log.css), so its scrollTop is 0 there and negative
 * above.
 */
export class LogView extends HTMLElement {
  #scroller = /** @type {HTMLElement} */ (this.querySelector(".scroll"));
  #rows = /** @type {HTMLElement} */ (this.querySelector(".rows"));
  #latest = /** @type {HTMLButtonElement} */ (this.querySelector(".latest"));
  /** @type {import("./app.js").App | null} */
  #app = null;
  #frame = 0;
  #room = "";
  /** The highest seq that is drawn, and that was seen at the end: what is above it is new. */
  #drawn = 0;
  #seen = 0;
  /** @type {import("../model/log.js").Message[]} */
  #unsaid = [];
  #saying = 0;

  /** @param {import("./app.js").App} app */
  attach(app) {
    this.#app = app;
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#latest.addEventListener("click", () => this.toEnd());
    this.#rows.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      const id = /** @type {HTMLElement | undefined} */ (button?.closest(".row"))?.dataset.id;
      if (id && button?.dataset.act === "again") app.retry(id);
      if (id && button?.dataset.act === "drop") app.drop(id);
    });
    // The keyboard of a phone takes half of the page: what one was reading must not go with it.
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.#scroller);
    document.addEventListener("visibilitychange", () => this.#look());
    addEventListener("focus", () => this.#look());
    this.draw();
  }

  get atEnd() {
    return Math.abs(this.#scroller.scrollTop) <= NEAR;
  }

  toEnd() {
    if (this.#app?.toLatest()) return; // the newest are not in the page: it asks for them and draws
    this.#scroller.scrollTop = 0;
    this.#look();
  }

  /** Asks for a drawing in the next frame. A page that isn't seen has no frames; what it has missed is drawn when it is. */
  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** Says others' news aloud, in one breath. @param {import("../model/log.js").Message} message */
  announce(message) {
    this.#unsaid.push(message);
    if (this.#saying) return;
    this.#saying = window.setTimeout(() => {
      const { words } = /** @type {import("./app.js").App} */ (this.#app);
      const [first, ...more] = this.#unsaid;
      this.#saying = 0;
      this.#unsaid = [];
      if (more.length > 0) speak(words.count("js.log.more", more.length + 1));
      else speak(words.say("js.log.says", { name: first.name, text: first.text.slice(0, 300) }));
    }, BREATH);
  }

  #draw() {
    const app = /** @type {import("./app.js").App} */ (this.#app);
    const { log } = app.current;
    const another = this.#room !== app.current.name;
    const entries = entriesOf(app.current, app);
    const stay = !another && !this.atEnd ? this.#anchor() : null;
    const before = this.#drawn;

    drawList(this.#rows, entries, (entry) => entry.key, makeEntry, (element, entry) => {
      const isNew = element.dataset.drawn === undefined && element.dataset.shown === undefined;
      if (entry.kind === "message") {
        if (isNew) element.className = "row";
        fillRow(element, entry, app.words, app.lang);
        if (isNew && this.#room && !another && (entry.message.seq ?? Infinity) > before) arrive(element);
      } else {
        fillLine(element, entry);
      }
    });

    this.#drawn = log.last;
    this.#room = app.current.name;
    /** @type {HTMLElement} */ (this.querySelector(".empty")).hidden = entries.some((entry) => entry.kind === "message") || log.more;
    const older = /** @type {HTMLElement} */ (this.querySelector(".older"));
    older.hidden = !log.more;
    older.textContent = log.more ? app.words.say("js.log.older") : "";
    if (stay) this.#keep(stay);
    else this.#scroller.scrollTop = 0;
    this.#look();
    this.#reach();
  }

  /** The first row in sight and where it stands. @returns {{ row: Element, top: number } | null} */
  #anchor() {
    const top = this.#scroller.getBoundingClientRect().top;
    for (const row of this.#rows.children) {
      const box = row.getBoundingClientRect();
      if (box.bottom > top) return { row, top: box.top };
    }
    return null;
  }

  /** Puts a row back to where it stood. @param {{ row: Element, top: number }} anchor */
  #keep({ row, top }) {
    if (!row.isConnected) return;
    const moved = row.getBoundingClientRect().top - top;
    if (moved !== 0) this.#scroller.scrollTop += moved;
  }

  #scrolled() {
    this.#look();
    this.#reach();
  }

  /** Fetches older messages before one comes to the top. */
  #reach() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (scrollHeight - clientHeight + scrollTop < AHEAD) this.#app?.older();
  }

  /** What is at the end of a page that is looked at is read; what came while one was above it is counted on the button. */
  #look() {
    const app = this.#app;
    if (!app) return;
    const { log } = app.current;
    if (this.atEnd && !document.hidden && !app.behind) {
      this.#seen = log.last;
      app.read();
    }
    if (this.atEnd && !app.behind) this.#seen = Math.max(this.#seen, log.last);
    const fresh = app.newSince(this.#seen);
    this.#latest.hidden = this.atEnd && !app.behind;
    const label = fresh > 0 ? app.words.count("js.log.new", fresh) : app.words.say("js.log.latest");
    if (this.#latest.textContent !== label) this.#latest.textContent = label;
  }
}
customElements.define("parley-log", LogView);

function makeEntry() {
  return makeRow();
}

/** @param {HTMLElement} row */
function arrive(row) {
  row.classList.add("fresh");
  row.addEventListener("animationend", () => row.classList.remove("fresh"), { once: true });
}

/** @param {HTMLElement} element @param {import("./entries.js").LineEntry} entry */
function fillLine(element, entry) {
  if (element.dataset.shown === entry.text) return;
  element.dataset.shown = entry.text;
  element.className = entry.kind;
  element.replaceChildren(entry.text);
}
