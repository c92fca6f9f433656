import { clock } from "../lib/clock.js";

/** @typedef {import("../net/protocol.js").Person} Person */

/** How long, in milliseconds, whoever was there before our connection broke may take to come back without it being news. */
const backWithin = 30_000;

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** Who is in a room now: each person once, however many tabs they have. */
export class People {
  /** @type {() => void} */
  onChange = () => {};

  #me;
  /** @type {Map<string, Person>} */
  #people = new Map();
  /** @type {Person[] | null} */
  #sorted = null;
  /** How many there are in a crowd, 0 where it is none. */
  #count = 0;
  /** Who was there before our connection broke, and not when it came back. @type {Set<string>} */
  #missed = new Set();
  #missedSince = 0;
  #clock;

  /** @param {string} room @param {Person} me @param {import("../lib/clock.js").Clock} [time] */
  constructor(room, me, time = clock) {
    this.room = room;
    this.#me = me;
    this.#clock = time;
  }

  /** Oneself first, then the others by name. @returns {readonly Person[]} */
  get list() {
    const rank = (/** @type {Person} */ person) => (person.user === this.#me.user ? 0 : 1);
    this.#sorted ??= [...this.#people.values()].sort(
      (a, b) => rank(a) - rank(b) || collator.compare(a.name, b.name) || (a.user < b.user ? -1 : 1),
    );
    return this.#sorted;
  }

  /** How many there are. Of a crowd the list has only some. */
  get count() {
    return this.#count || this.#people.size;
  }

  /** How many there are besides those in the list. */
  get unlisted() {
    return Math.max(0, this.count - this.#people.size);
  }

  /** @param {string} user @returns {Person | undefined} */
  find(user) {
    return this.#people.get(user);
  }

  /**
   * Whether a frame tells no more than that somebody is back who was there all along: after a restart of the server everybody
   * comes in again.
   * @param {import("../net/protocol.js").Frame} frame
   */
  isBack(frame) {
    if (frame.type !== "presence" || frame.event !== "join" || frame.room !== this.room) return false;
    return this.#missed.delete(frame.user) && this.#clock.now() - this.#missedSince < backWithin;
  }

  /** @param {import("../net/protocol.js").Frame} frame */
  receive(frame) {
    if (!("room" in frame) || (frame.room !== this.room && !isRename(frame))) return;
    if (frame.type === "joined") {
      this.#missed = new Set(this.#people.keys());
      this.#missedSince = this.#clock.now();
      for (const { user } of frame.members) this.#missed.delete(user);
    }
    if (frame.type === "joined" || frame.type === "members" || (frame.type === "crowd" && frame.members)) this.#replace(frame);
    else if (frame.type === "crowd") this.#count = frame.count;
    else if (frame.type === "presence") this.#presence(frame);
    else if (frame.type !== "message" || !this.#spoke(frame)) return;
    this.#sorted = null;
    this.onChange();
  }

  /** @param {{ type: string, members?: Person[], count?: number }} frame */
  #replace({ type, members = [], count = 0 }) {
    this.#people = new Map(members.map(({ user, name }) => [user, { user, name }]));
    this.#count = type === "crowd" ? 0 : count;
    if (this.#count) this.#people.set(this.#me.user, this.#me); // of a crowd, oneself may not be among those who are listed
  }

  /**
   * Whoever speaks in a crowd is listed from then on: one may want to write to them.
   * @param {Person} author
   * @returns {boolean} whether that is new
   */
  #spoke({ user, name }) {
    if (this.#count === 0 || this.#people.has(user)) return false;
    this.#people.set(user, { user, name });
    return true;
  }

  /** @param {import("../net/protocol.js").Presence} presence */
  #presence({ event, user, name }) {
    if (event === "leave") this.#people.delete(user);
    else if (event === "join" || this.#people.has(user)) this.#people.set(user, { user, name });
  }
}

/** Somebody goes by another name wherever they are. @param {import("../net/protocol.js").Frame} frame */
export function isRename(frame) {
  return frame.type === "presence" && frame.event === "rename";
}
