import { changed, quoted } from "./change.js";

/** @typedef {import("./message.js").Message} Message */
/** @typedef {import("../net/protocol.js").Change} Change */

/** How many changes are remembered, for older messages that were read from the store before them and come after them. */
const REMEMBERED = 200;

/** What changes the messages of a log: their texts, and the quotes of them in answers. */
export class Changes {
  #held;
  #put;
  /** @type {Change[]} */
  #recent = [];
  /** @type {Map<number, Set<number>>} seqs of messages by what they answer */
  #answers = new Map();

  /** @param {import("./held.js").Held} held @param {(message: Message) => void} put puts a message instead of the one that is there */
  constructor(held, put) {
    this.#held = held;
    this.#put = put;
  }

  /** @param {Change} change */
  take(change) {
    this.#recent.push(change);
    if (this.#recent.length > 2 * REMEMBERED) this.#recent.splice(0, REMEMBERED);
    this.#apply(change);
  }

  /** Messages came that the server read before the latest changes. */
  again() {
    for (const change of this.#recent) this.#apply(change);
  }

  /** The messages that answer something are gone. */
  forgetAnswers() {
    this.#answers.clear();
  }

  clear() {
    this.#answers.clear();
    this.#recent = [];
  }

  /** An answer shows what it answers as that is now. @param {Message} message @returns {Message} */
  answering(message) {
    const { seq = 0, reply_to = 0, quote } = message;
    if (!quote) return message;
    const answers = this.#answers.get(reply_to) ?? new Set();
    this.#answers.set(reply_to, answers.add(seq));
    const source = this.#held.at(reply_to);
    return source ? { ...message, quote: quoted(source) } : message;
  }

  /** @param {Change} change */
  #apply(change) {
    if (change.type === "topic" || change.type === "pinned") return; // of the room: see facts.js
    const message = this.#held.at(change.of);
    const after = message && changed(message, change); // what isn't here comes as it is then
    if (after && after !== message) this.#put(after);
    if (change.type === "reaction") return;
    for (const seq of this.#answers.get(change.of) ?? []) {
      const answer = this.#held.at(seq);
      if (!answer?.quote) continue;
      const source = change.type === "deleted" ? { ...answer.quote, deleted: change.seq } : { ...answer.quote, text: change.text, deleted: 0 };
      this.#put({ ...answer, quote: quoted(after ?? source) });
    }
  }
}
