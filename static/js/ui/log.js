import { setText } from "../lib/dom.js";
import { hideIgnored } from "./ignore.js";
import { drawList } from "./list.js";
import { namesOf } from "./files.js";
import { fillLine } from "./line.js";
import { fillRow, groupRow, makeRow, readRow, sayDay } from "./row.js";
import { focusRow, rove } from "./rove.js";
import { speak } from "./status.js";

/** @typedef {import("../model/rows.js").Row} Row */

/** This near to the end one is at the end, and stays there when something arrives. CSS pixels. */
const NEAR = 100;
/** This near to the top or the end of what is shown more is asked for. CSS pixels. */
const AHEAD = 600;
/** So many new rows are drawn in one frame, the latest first; more would keep the page from answering. */
const ROWS_PER_FRAME = 60;
/** And so many of those that the server drew, which look right already: a phone is to answer meanwhile. */
const SERVED_PER_FRAME = 5;
/** A row that comes so soon after another, or beside more than a few, comes without the motion of a single one. Milliseconds, rows. */
const QUIET = 1000;
const FEW = 8;
/** So long the end is held that one goes to: longer than a key goes on scrolling. Milliseconds. */
const HELD = 400;
/** So long a message is marked to which one went. Milliseconds. */
const FOUND = 2500;
/** News is gathered for so long before it is said aloud. Milliseconds. */
const BREATH = 1000;

/**
 * What was said in the room. However much arrives, it is drawn once per frame (frame.js): the rows are made those of the model, and
 * the ones that are there stay. The scroller runs backwards from its end (css/log.css): its scrollTop is 0 there, negative above.
 */
export class LogView extends HTMLElement {
  #scroller = /** @type {HTMLElement} */ (this.querySelector(".scroll"));
  #rows = /** @type {HTMLElement} */ (this.querySelector(".rows"));
  #latest = /** @type {HTMLButtonElement} */ (this.querySelector(".latest"));
  #app = /** @type {import("./app.js").App} */ (/** @type {unknown} */ (null));
  /** Asks for a drawing. */
  #ask = () => {};
  /** The log that is drawn. @type {import("../model/log.js").Log | null} */
  #log = null;
  /** The rows that the server drew and that were not filled yet, top to bottom. @type {Set<HTMLElement>} */
  #served = new Set();
  /** The keys of the rows that are drawn. @type {Set<string>} */
  #keys = new Set();
  /** The highest seq that is drawn, and that was seen at the end: what is above that is new. */
  #drawn = 0;
  #seen = 0;
  /** Whether there was more below what was drawn last: its end is not the log's, and not to be followed. */
  #isBehind = false;
  /** The message to go to as soon as it is drawn, 0 for none, and the log that it stands in. */
  #goal = 0;
  /** @type {import("../model/log.js").Log | null} */
  #goalIn = null;
  /** While the end is held. @type {AbortController | null} */
  #held = null;
  /** When a row arrived last. */
  #arrivedAt = -Infinity;
  /** @type {{ name: string, text: string, files?: { name: string }[] }[]} */
  #unsaid = [];

  /** @param {import("./app.js").App} app @param {() => void} ask calls draw in the next frame */
  attach(app, ask) {
    this.#app = app;
    this.#ask = ask;
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#latest.addEventListener("click", () => this.toEnd());
    this.#rows.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      const row = /** @type {HTMLElement | null | undefined} */ (button?.closest(".row"));
      const id = row?.dataset.changing || row?.dataset.id;
      if (id && (button?.dataset.act === "again" || button?.dataset.act === "drop")) app.mend(id, button.dataset.act === "again");
    });
    this.#rows.addEventListener("pointerover", (event) => {
      const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("time")?.closest(".row"));
      if (row) sayDay(row, app.words);
    });
    // A phone's keyboard takes half of the page; who was at the end stays there.
    new ResizeObserver(() => this.atEnd && this.#settle()).observe(this.#scroller);
    app.addEventListener("found", (event) => this.reveal(/** @type {CustomEvent} */ (event).detail));
    app.addEventListener("sent", () => this.toEnd());
    document.addEventListener("visibilitychange", () => this.#look());
    addEventListener("focus", () => this.#look());
  }

  /** The messages that the page was served with, which keep their rows. */
  served() {
    this.#served = new Set(/** @type {NodeListOf<HTMLElement>} */ (this.#rows.querySelectorAll(".row")));
    return [...this.#served].map((row) => readRow(row));
  }

  get atEnd() {
    return this.#held?.signal.aborted === false || Math.abs(this.#scroller.scrollTop) <= NEAR;
  }

  toEnd() {
    const isAway = this.#scroller.scrollTop !== 0;
    this.#isBehind = false;
    this.#app.current.log.following = true;
    this.#app.latest();
    this.#settle();
    if (isAway) this.#hold();
    this.#ask();
  }

  /** Says others' news aloud, many in one breath. @param {{ name: string, text: string, files?: { name: string }[] }} message */
  announce(message) {
    if (this.#unsaid.push(message) > 1) return;
    setTimeout(() => {
      const { words } = this.#app;
      const [first, ...more] = this.#unsaid.splice(0);
      if (more.length > 0) speak(words.count("js.log.more", more.length + 1));
      else speak(words.say("js.log.says", { name: first.name, text: (first.text || namesOf(first.files)).slice(0, 300) }));
    }, BREATH);
  }

  draw() {
    const { log } = this.#app.current;
    if (this.#goalIn !== log) this.#goal = 0;
    const isAnother = this.#log !== log;
    const isEntered = isAnother && this.#log !== null; // and not served with the page, in which one may have scrolled already
    const anchor = !this.#goal && (isEntered || (this.atEnd && !this.#isBehind)) ? null : this.#anchor();
    const drawn = isAnother ? Infinity : this.#drawn;
    if (isAnother) this.#seen = log.last;
    if (isEntered) this.#served.clear();
    this.#log = log;
    this.#drawn = log.last;
    log.following = anchor === null;
    const rows = this.#due(log.rows);
    this.#takeServed();
    /** @type {HTMLElement[]} */
    const arrived = [];
    drawList(this.#rows, rows, (row) => row.key, makeRow, (element, row) => {
      if (row.kind !== "message") fillLine(element, row, this.#app);
      else if (this.#served.has(element)) groupRow(element, row);
      else {
        if (fillRow(element, row, this.#app) && (row.message.seq ?? Infinity) > drawn) arrived.push(element);
        hideIgnored(element, row.message, this.#app);
      }
    });
    this.#arrive(arrived);
    const isComing = log.more || !this.#app.current.loaded;
    part(this, ".empty").hidden = isComing || log.cleared || rows.some((row) => row.kind === "message");
    part(this, ".older").hidden = !isComing;
    part(this, ".older").textContent = isComing ? this.#app.words.say("js.log.older") : "";
    this.#isBehind = Boolean(log.behind);
    rove(this.#rows);
    if (this.#goal && this.#arriveAt(this.#goal)) this.#goal = 0;
    else if (anchor) this.#keep(anchor);
    else this.#settle();
    this.#scrolled();
  }

  /** Goes to a message that the model has. @param {number} seq */
  reveal(seq) {
    this.#goal = seq;
    this.#goalIn = this.#app.current.log;
    this.#held?.abort();
    this.#app.current.log.following = false;
    this.#ask();
  }

  /** Puts a row into the middle, and marks it for a moment. @param {number} seq @returns {boolean} whether it is drawn already */
  #arriveAt(seq) {
    const row = /** @type {HTMLElement | null} */ (this.#rows.querySelector(`.row[data-seq="${seq}"]`));
    if (!row) return false;
    const [box, sight] = [row.getBoundingClientRect(), this.#scroller.getBoundingClientRect()];
    this.#scroller.scrollTop += box.top - sight.top - Math.max(0, (sight.height - box.height) / 2);
    this.#rows.querySelector(".row.found")?.classList.remove("found");
    row.classList.add("found");
    setTimeout(() => row.classList.remove("found"), FOUND);
    focusRow(row);
    return true;
  }

  /** @param {HTMLElement[]} rows */
  #arrive(rows) {
    if (rows.length === 0) return;
    const isQuiet = performance.now() - this.#arrivedAt > QUIET;
    this.#arrivedAt = performance.now();
    if (isQuiet && rows.length <= FEW) rows.forEach(arrive);
  }

  /** The rows to draw now: those that are drawn and some that are not. The others come in the next frames. @param {readonly Row[]} all */
  #due(all) {
    let more = ROWS_PER_FRAME;
    const due = [];
    for (let i = all.length - 1; i >= 0; i--) {
      if (this.#keys.has(all[i].key) || more-- > 0) due.push(all[i]);
    }
    due.reverse();
    this.#keys = new Set(due.map((row) => row.key));
    if (due.length < all.length) this.#ask();
    return due;
  }

  /** The rows that the server drew and that are filled now, the latest first. The others come in the next frames. */
  #takeServed() {
    for (const row of [...this.#served].slice(-SERVED_PER_FRAME)) this.#served.delete(row);
    if (this.#served.size > 0) this.#ask();
  }

  /**
   * The first message whose beginning is in sight, and where it stands: what is set under one above it grows out of sight. The line of a
   * day or of a note moves to the first message that it is for, and is held to only where there is no message.
   */
  #anchor() {
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    let line = null;
    for (const row of this.#rows.children) {
      const box = row.getBoundingClientRect();
      if (box.top >= bottom) break;
      if (box.bottom <= top) continue;
      if (row.classList.contains("row") && box.top >= top) return { row, top: box.top };
      line ??= { row, top: box.top };
    }
    return line;
  }

  /** Puts a row back to where it stood. @param {{ row: Element, top: number }} anchor */
  #keep({ row, top }) {
    const moved = row.isConnected ? row.getBoundingClientRect().top - top : 0;
    if (moved !== 0) this.#scroller.scrollTop += moved;
  }

  #settle() {
    this.#scroller.scrollTop = 0;
  }

  /**
   * Holds the log at its end for a moment: in Firefox a key goes on scrolling smoothly, and would take it away again. Whoever scrolls
   * meanwhile lets go.
   */
  #hold() {
    this.#held?.abort();
    const held = (this.#held = new AbortController());
    const { signal } = held;
    const until = performance.now() + HELD;
    const settle = () => {
      if (this.#scroller.scrollTop !== 0 && !signal.aborted) this.#settle();
      if (performance.now() > until) held.abort();
      else if (!signal.aborted) requestAnimationFrame(settle);
    };
    for (const type of ["wheel", "touchstart", "pointerdown", "keydown"]) this.addEventListener(type, () => held.abort(), { passive: true, signal });
    requestAnimationFrame(settle);
  }

  #scrolled() {
    const { log } = this.#app.current;
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (log.behind && -scrollTop < AHEAD) this.#app.newer();
    else if (scrollHeight - clientHeight + scrollTop < AHEAD) this.#app.older();
    this.#look();
  }

  /** What stands at the end of a page that is looked at is read; what came meanwhile is counted on the button. */
  #look() {
    const { log } = this.#app.current;
    if (this.#log !== log) return; // another room is about to be drawn
    const isSeen = this.atEnd && !log.behind;
    if (isSeen) this.#seen = log.last;
    if (isSeen && !document.hidden) this.#app.read();
    this.#latest.hidden = isSeen;
    if (isSeen) return;
    const fresh = this.#app.countNew(this.#seen);
    const { words } = this.#app;
    setText(this.#latest, fresh > 0 ? words.count("js.log.new", fresh) : words.say("js.log.latest"));
  }
}
customElements.define("parley-log", LogView);

/** @param {HTMLElement} element @param {string} selector */
function part(element, selector) {
  return /** @type {HTMLElement} */ (element.querySelector(selector));
}

/** @param {HTMLElement} row */
function arrive(row) {
  row.classList.add("fresh");
  row.addEventListener("animationend", () => row.classList.remove("fresh"), { once: true });
}
