import { indexOf } from "./span.js";

/** @typedef {import("./log.js").Message} Message */

/**
 * The messages of a log that are here: all of a stretch of it, by seq. It ends with the newest, until one reads so far up that these
 * have to give way; then what is after `to` is only counted, and comes from the server again when one reads down.
 */
export class Held {
  /** @type {Message[]} by seq */
  list = [];
  /** Up to which seq everything is here; Infinity while what comes is added. */
  to = Infinity;

  #me;
  #most;
  #slack;
  /** @type {Map<number, Message>} */
  #bySeq = new Map();
  /** @type {{ seq: number, user: string }[]} others' messages after `to` */
  #beyond = [];

  /** @param {string} me @param {number} most how many messages are held; a tenth more may gather before some give way */
  constructor(me, most) {
    this.#me = me;
    this.#most = most;
    this.#slack = most / 10;
  }

  /** The seq of the oldest, 0 for none. */
  get first() {
    return this.list[0]?.seq ?? 0;
  }

  /** Whether there are newer messages than those that are here. */
  get isCut() {
    return this.to !== Infinity;
  }

  /** @param {number} seq @returns {Message | undefined} */
  at(seq) {
    return this.#bySeq.get(seq);
  }

  /** Puts a message where its seq belongs, instead of the one that is there. @param {Message} message */
  put(message) {
    const seq = /** @type {number} */ (message.seq);
    if (seq > this.to) {
      if (message.user !== this.#me && seq > (this.#beyond.at(-1)?.seq ?? 0)) this.#beyond.push({ seq, user: message.user });
      return;
    }
    this.list.splice(indexOf(this.list, seq), this.#bySeq.has(seq) ? 1 : 0, message);
    this.#bySeq.set(seq, message);
  }

  /** How many messages of others come after one. @param {number} seq @param {import("./unread.js").Ignored} ignored whose don't count */
  countAfter(seq, ignored) {
    let count = this.#beyond.filter((beyond) => beyond.seq > seq && !ignored.has(beyond.user)).length;
    for (let i = this.list.length - 1; i >= 0 && (this.list[i].seq ?? 0) > seq; i--) {
      const { user } = this.list[i];
      if (user !== this.#me && !ignored.has(user)) count++;
    }
    return count;
  }

  /** Everything up to a seq is here now; Infinity says that what comes from now on is added. @param {number} to */
  extend(to) {
    this.to = to;
    this.#beyond = this.#beyond.filter(({ seq }) => seq > to);
  }

  /** Lets the oldest give way where there are too many, but none from `keep` on. @param {number} keep @returns {Message[]} them */
  forgetOldest(keep) {
    if (!this.#isFull) return [];
    return this.#without(this.list.splice(0, Math.min(this.list.length - this.#most, indexOf(this.list, keep))));
  }

  /** Lets the newest give way where there are too many, but none up to `keep`. @param {number} keep @returns {Message[]} them */
  forgetNewest(keep) {
    if (!this.#isFull) return [];
    const gone = this.list.splice(Math.max(this.#most, indexOf(this.list, keep + 1)));
    if (gone.length === 0) return gone;
    const others = gone.filter(({ user }) => user !== this.#me).map(({ seq = 0, user }) => ({ seq, user }));
    this.#beyond = [...others, ...this.#beyond];
    this.to = this.list.at(-1)?.seq ?? 0;
    return this.#without(gone);
  }

  get #isFull() {
    return this.list.length >= this.#most + this.#slack;
  }

  clear() {
    this.list = [];
    this.#bySeq.clear();
    this.extend(Infinity);
  }

  /** @param {Message[]} gone */
  #without(gone) {
    for (const { seq } of gone) this.#bySeq.delete(/** @type {number} */ (seq));
    return gone;
  }
}
