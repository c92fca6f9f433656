import { clock as browserClock } from "../lib/clock.js";

/** So long without a frame, and a visible page asks for one. Milliseconds. */
const QUIET = 2500;
/** The same for a page that nobody sees; browsers wake those once a minute at most. Milliseconds. */
const QUIET_HIDDEN = 20_000;
/** So long without an answer, and the connection is dead; longer where answers take long. Milliseconds. */
const ANSWER = 1500;
const ANSWER_MOST = 6000;
const ANSWER_HIDDEN = 10_000;
/** A timer that comes so much later than it was set for slept with the page: what it would say is not true. Milliseconds. */
const SLEPT = 1000;

/**
 * Notices that a connection is dead. A cut network leaves a socket open and silent, and browsers hide the protocol's own pings.
 * While a page is visible, QUIET + ANSWER = 4 s pass until it knows; it costs nothing while messages come.
 */
export class Heartbeat {
  #clock;
  #isVisible;
  #ping;
  #onDead;
  #timer = /** @type {any} */ (null);
  #running = false;
  #heardAt = 0;
  /** When the ping left that is not answered; 0 for none. */
  #askedAt = 0;
  /** How long answers took lately, at the longest. Milliseconds. */
  #roundTrip = 0;

  /**
   * @param {object} options
   * @param {import("../lib/clock.js").Clock} [options.clock]
   * @param {() => boolean} options.isVisible
   * @param {() => void} options.ping
   * @param {(since: number) => void} options.onDead `since`: when the first ping left that nothing answered
   */
  constructor({ clock = browserClock, isVisible, ping, onDead }) {
    this.#clock = clock;
    this.#isVisible = isVisible;
    this.#ping = ping;
    this.#onDead = onDead;
  }

  start() {
    this.#running = true;
    this.heard();
    this.look();
  }

  stop() {
    this.#running = false;
    this.#askedAt = 0;
    this.#clock.clearTimeout(this.#timer);
  }

  /** A frame came. */
  heard() {
    this.#heardAt = this.#clock.now();
    if (!this.#askedAt) return;
    this.#roundTrip = Math.max(Math.min(this.#heardAt - this.#askedAt, ANSWER_MOST), this.#roundTrip / 2);
    this.#askedAt = 0;
    this.look();
  }

  /** Begins to wait for silence. One timer for many frames: it looks at how long ago the last one was. */
  look() {
    if (!this.#running || this.#askedAt) return;
    const quiet = this.#isVisible() ? QUIET : QUIET_HIDDEN;
    this.#heardAt = Math.min(this.#heardAt, this.#clock.now()); // the device's clock may be set back
    const left = this.#heardAt + quiet - this.#clock.now();
    if (left <= 0) this.check();
    else this.#in(left, () => this.look());
  }

  /** Asks for a sign of life now. @param {number} [within] milliseconds to wait for it */
  check(within = this.#patience()) {
    if (!this.#running) return;
    this.#askedAt ||= this.#clock.now();
    this.#ping();
    const due = this.#clock.now() + within;
    this.#in(within, () => {
      if (this.#clock.now() - due > SLEPT) {
        this.#askedAt = 0; // the answer may be there, not yet read
        this.check(within);
        return;
      }
      this.#running = false;
      this.#roundTrip = Math.max(this.#roundTrip, within / 2); // was it only slow, the next one is given twice the time
      this.#onDead(this.#askedAt);
    });
  }

  #patience() {
    if (!this.#isVisible()) return ANSWER_HIDDEN;
    return Math.min(ANSWER_MOST, Math.max(ANSWER, 4 * this.#roundTrip));
  }

  /** @param {number} ms @param {() => void} act */
  #in(ms, act) {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(act, ms);
  }
}
