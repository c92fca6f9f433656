/** How long after a refusal older messages are asked for again, where the server doesn't say. Milliseconds. */
const AGAIN = 2000;

/** How long one goes without being told that it takes long. Milliseconds. */
const PATIENCE = 600;

/** @typedef {import("./room.js").Room} Room */

/** The way to a message of the room that is shown, which the server may have to bring. */
export class Way {
  #ask;
  #arrived;
  #onLong;
  /** @type {any} */
  #timer = null;
  /** The message that one is on the way to, 0 for none. */
  #goal = 0;
  /** Whether it was asked for without what comes after it. */
  #isAlone = false;

  /**
   * @param {(command: import("../net/protocol.js").Command | null) => void} ask
   * @param {(seq: number, isThere: boolean) => void} arrived
   * @param {() => void} onLong is told once that a way takes long
   */
  constructor(ask, arrived, onLong) {
    this.#ask = ask;
    this.#arrived = arrived;
    this.#onLong = onLong;
  }

  /** @param {Room} room @param {number} seq */
  go(room, seq) {
    if (seq !== this.#goal) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#onLong, PATIENCE);
    }
    this.#goal = seq;
    this.#isAlone = false;
    if (room.loaded) this.#ask(room.log.around(seq));
  }

  /** One goes elsewhere. */
  leave() {
    this.#goal = 0;
    clearTimeout(this.#timer);
  }

  /** Sets out once more, now that there is a way. @param {Room} room */
  goOn(room) {
    if (this.#goal) this.go(room, this.#goal);
  }

  /** The log has brought a message or has none such. @param {Room} room @param {number} seq @param {boolean} isThere */
  came(room, seq, isThere) {
    if (seq !== this.#goal) return;
    if (!isThere && !this.#isAlone) { // what comes after it may be too long to come along
      this.#isAlone = true;
      this.#ask(room.log.around(seq, true));
      return;
    }
    this.leave();
    this.#arrived(seq, isThere);
  }

  /** A log's messages can't be had just now: asks again after a while. @param {Room} room whose @param {() => Room} current then @param {number} [wait] milliseconds */
  refused(room, current, wait = AGAIN) {
    setTimeout(() => {
      room.log.askAgain(); // the log is drawn, and asks where it still lacks something
      this.goOn(current());
    }, wait);
  }
}
