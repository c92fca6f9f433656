/** How long an answer is waited for before the same is sent again. Milliseconds. */
const ANSWER = 10_000;
/** The first and the longest wait while the server can't store; it doubles in between. Milliseconds. */
const RETRY_FIRST = 1000;
const RETRY_MOST = 30_000;

/** Whose turn it is to be sent: one at a time, and again where no answer comes, as long as there is a connection. */
export class Turn {
  #clock;
  #random;
  #send;
  #open = false;
  /** The id of what is under way. */
  #sending = "";
  #timer = /** @type {any} */ (null);
  #tries = 0;

  /** @param {import("../lib/clock.js").Clock} clock @param {() => number} random @param {() => string} send what is next; its id, "" for nothing */
  constructor(clock, random, send) {
    this.#clock = clock;
    this.#random = random;
    this.#send = send;
  }

  /** There is a connection; what was under way on another one has to be sent again. */
  begin() {
    this.#open = true;
    this.#tries = 0;
    this.#sending = "";
    this.next();
  }

  end() {
    this.#open = false;
    this.#sending = "";
    this.#clock.clearTimeout(this.#timer);
  }

  next() {
    if (!this.#open || this.#sending) return;
    this.#sending = this.#send();
    if (this.#sending) this.#again(ANSWER);
  }

  /** The server has stored something. */
  succeeded() {
    this.#tries = 0;
  }

  /** The server can't just now: sends again after a while. @param {number} [ms] which it may say */
  wait(ms) {
    const most = Math.min(RETRY_MOST, RETRY_FIRST * 2 ** this.#tries);
    if (!ms) this.#tries++;
    this.#again(ms || most * (0.5 + this.#random() / 2));
  }

  /** What was under way is, where it is this, no longer. @param {string} id */
  done(id) {
    if (this.#sending !== id) return;
    this.#clock.clearTimeout(this.#timer);
    this.#sending = "";
    this.next();
  }

  /** @param {number} ms */
  #again(ms) {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => {
      this.#sending = "";
      this.next();
    }, ms);
  }
}
