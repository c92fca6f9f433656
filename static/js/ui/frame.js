import { clock as browserClock } from "../lib/clock.js";

/** What others do is drawn so often at most, however much they do: nobody reads faster. Milliseconds. */
const CALM = 100;

/**
 * Draws the parts of the page that have changed, each once per animation frame however often it is asked for, and in the order in which
 * they are named: what one of them finds out while it is drawn, a later one shows in the same frame. A page that isn't seen has no
 * frames; what it missed is drawn when it is.
 */
export class Frame {
  #parts;
  /** @type {Set<string>} */
  #due = new Set();
  #frame = 0;
  #timer = /** @type {any} */ (null);
  #clock;
  #drawing = false;
  #drawnAt = -Infinity;

  /** @param {Record<string, () => void>} parts @param {import("../lib/clock.js").Clock} [clock] */
  constructor(parts, clock = browserClock) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** Draws a part in the next frame: the person who looks at it did something. @param {string} part */
  ask(part) {
    this.#due.add(part);
    if (!this.#drawing) this.#request();
  }

  /** Draws a part soon: somebody else did something. After a while without anything, that is the next frame, too. @param {string} part */
  askCalmly(part) {
    this.#due.add(part);
    if (this.#drawing || this.#frame || this.#timer) return;
    const wait = Math.min(CALM, this.#drawnAt + CALM - this.#clock.now()); // the device's clock may be set back
    if (wait <= 0) this.#request();
    else this.#timer = this.#clock.setTimeout(() => this.#request(), wait);
  }

  #request() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    this.#drawing = true;
    this.#drawnAt = this.#clock.now();
    try {
      for (const [part, draw] of Object.entries(this.#parts)) if (this.#due.delete(part)) draw();
    } finally { // a part that fails doesn't end all drawing
      this.#drawing = false;
      if (this.#due.size > 0) this.#request(); // one that wants more than a frame gives it
    }
  }
}
