/** @typedef {import("./message.js").Message} Message */
/** @typedef {import("../net/entry.js").Entry} Entry */

/** One's own messages that a log doesn't have yet: they show at once, below those that are stored. */
export class Own {
  #me;
  /** @type {readonly Entry[]} */
  #pending = [];
  /** @type {Map<string, Message>} by id: acknowledged, its frame still under way */
  #sent = new Map();
  /** @type {Set<string>} ids of those that the log has */
  #stored = new Set();

  /** @param {import("../net/protocol.js").Person} me */
  constructor(me) {
    this.#me = me;
  }

  /** @param {readonly Entry[]} entries messages on their way, in their order */
  set(entries) {
    this.#pending = entries;
  }

  /** @param {import("../net/protocol.js").Ack} ack @param {number} last the log's */
  acked(ack, last) {
    const entry = this.#pending.find((entry) => entry.id === ack.id);
    if (!entry || this.#stored.has(ack.id) || ack.seq <= last) return;
    this.#sent.set(ack.id, { ...this.#ofEntry(entry), seq: ack.seq, time: ack.time, state: "sent", reason: undefined });
  }

  /** The log has a message, of whomever. @param {Message} message */
  put({ user, id }) {
    if (user !== this.#me.user || !id) return;
    this.#stored.add(id);
    this.#sent.delete(id);
  }

  /** The log has everything up to a seq. @param {number} last */
  reached(last) {
    for (const [id, message] of this.#sent) if ((message.seq ?? 0) <= last) this.#sent.delete(id);
  }

  /** The log has these no longer. @param {readonly Message[]} messages */
  forget(messages) {
    for (const { user, id } of messages) if (user === this.#me.user && id) this.#stored.delete(id);
  }

  /** The log is elsewhere: it has none. */
  forgetStored() {
    this.#stored.clear();
  }

  /** The log begins anew. */
  clear() {
    this.#stored.clear();
    this.#sent.clear();
  }

  /** One's own messages that are not in the log yet: those that have a seq by it, then the others as they were written. @returns {Message[]} */
  get list() {
    const sent = [...this.#sent.values()].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
    const pending = this.#pending.filter((entry) => !this.#sent.has(entry.id) && !this.#stored.has(entry.id));
    return [...sent, ...pending.map((entry) => this.#ofEntry(entry))];
  }

  /** @type {WeakMap<Entry, Message>} an entry that has not changed is the same message */
  #entries = new WeakMap();

  /** @param {Entry} entry @returns {Message} */
  #ofEntry(entry) {
    let message = this.#entries.get(entry);
    if (!message) {
      const { id, text, reply_to, quote, files, code, reason } = entry;
      const state = entry.state === "failed" ? "failed" : "sending";
      const time = new Date(entry.at).toISOString();
      message = { id, user: this.#me.user, name: this.#me.name, text, html: "", time, state, code, reason, reply_to, quote, files };
      this.#entries.set(entry, message);
    }
    return message;
  }
}
