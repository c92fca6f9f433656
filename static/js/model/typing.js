import { clock as browserClock } from "../lib/clock.js";

/** How long somebody is said to be typing after they last were, and how often one says so oneself. Milliseconds. */
const SHOWN = 5000;
const EVERY = 3000;

/** Who is typing in a room. Nobody says that they have stopped: it ends by itself, or with the message. */
export class Typing {
  /** @type {() => void} */
  onChange = () => {};

  #me;
  #send;
  #clock;
  /** @type {Map<string, { name: string, timer: any }>} by user, who began first first */
  #typists = new Map();
  #toldAt = -Infinity;

  /**
   * @param {string} room
   * @param {import("../net/protocol.js").Person} me
   * @param {(command: import("../net/protocol.js").Command) => boolean} send
   * @param {import("../lib/clock.js").Clock} [clock]
   */
  constructor(room, me, send, clock = browserClock) {
    this.room = room;
    this.#me = me;
    this.#send = send;
    this.#clock = clock;
  }

  /** The names of those who are typing. @returns {string[]} */
  get names() {
    return Array.from(this.#typists.values(), (typist) => typist.name);
  }

  /** Whether somebody is typing. @param {string} user */
  has(user) {
    return this.#typists.has(user);
  }

  /** @param {import("../net/protocol.js").Frame} frame */
  receive(frame) {
    if (!("room" in frame) || frame.room !== this.room) return;
    if (frame.type === "typing") this.#begin(frame.user, frame.name);
    else if (frame.type === "message") this.#end(frame.user);
    else if (frame.type === "presence" && frame.event === "leave") this.#end(frame.user);
  }

  /** One is typing oneself. */
  write() {
    const now = this.#clock.now();
    if (Math.abs(now - this.#toldAt) < EVERY) return; // the device's clock may be set back
    if (this.#send({ type: "typing", room: this.room })) this.#toldAt = now;
  }

  /** One's message has gone: what is typed next is told at once. */
  sent() {
    this.#toldAt = -Infinity;
  }

  /** Forgets everyone: the connection is gone, or another room is shown. */
  clear() {
    for (const user of [...this.#typists.keys()]) this.#end(user);
  }

  /** @param {string} user @param {string} name */
  #begin(user, name) {
    if (user === this.#me.user) return;
    const known = this.#typists.get(user);
    this.#clock.clearTimeout(known?.timer);
    this.#typists.set(user, { name, timer: this.#clock.setTimeout(() => this.#end(user), SHOWN) });
    if (known?.name !== name) this.onChange();
  }

  /** @param {string} user */
  #end(user) {
    const typist = this.#typists.get(user);
    if (!typist) return;
    this.#clock.clearTimeout(typist.timer);
    this.#typists.delete(user);
    this.onChange();
  }
}
