import { clock as browserClock } from "../lib/clock.js";

/**
 * Tells the server that the person is there: at most once in a tenth of the time after which it would close the connection, and at
 * once where it has warned. Only what a person does counts: keys, clicks, touches, scrolling; never a timer or a waking page.
 */
export class Activity {
  #send;
  #clock;
  #every = 30_000;
  #toldAt = -Infinity;
  #warned = false;

  /**
   * @param {(command: import("./protocol.js").Command) => boolean} send
   * @param {import("../lib/clock.js").Clock} [clock]
   */
  constructor(send, clock = browserClock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** @param {import("./protocol.js").Frame} frame */
  receive(frame) {
    if (frame.type === "welcome") {
      this.#every = frame.idle_seconds > 0 ? frame.idle_seconds * 100 : Infinity;
      this.#toldAt = -Infinity;
      this.#warned = false;
    } else if (frame.type === "idle_warning") {
      this.#warned = true;
    }
  }

  /** The person did something. @returns {boolean} whether that answered a warning */
  act() {
    const now = this.#clock.now();
    if (!this.#warned && Math.abs(now - this.#toldAt) < this.#every) return false; // the device's clock may be set back
    if (!this.#send({ type: "active" })) return false;
    const answered = this.#warned;
    this.#warned = false;
    this.#toldAt = now;
    return answered;
  }
}
