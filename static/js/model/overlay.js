import { changed } from "./change.js";

/** @typedef {import("./log.js").Message} Message */
/** @typedef {import("../net/entry.js").Entry} Entry */

/**
 * What one has done to stored messages and the log does not have yet: edits, deletions and reactions on their way. They show at once,
 * and are corrected by what the server says.
 */
export class Overlay {
  #me;
  /** @type {readonly Entry[]} */
  #waiting = [];
  /** Acknowledged, their events still under way. @type {{ entry: Entry, seq: number }[]} */
  #landed = [];
  /** @type {Map<number, Entry[]>} by message */
  #byMessage = new Map();
  /** What was made of a message last, so that one that is the same stays the same. @type {Map<number, { of: Message, made: Message }>} */
  #made = new Map();

  /** @param {string} me */
  constructor(me) {
    this.#me = me;
  }

  /** @param {readonly Entry[]} entries changes on their way, in their order */
  set(entries) {
    this.#waiting = entries;
    this.#sort();
  }

  /** Takes an ack: the change stays until the log has got to it. @param {import("../net/protocol.js").Ack} ack @param {number} last the log's */
  acked({ id, seq }, last) {
    const entry = this.#waiting.find((entry) => entry.id === id);
    if (!entry || seq <= last) return;
    this.#landed.push({ entry: { ...entry, state: "waiting" }, seq });
    this.#sort();
  }

  /** The log has everything up to a seq. @param {number} last */
  reached(last) {
    const left = this.#landed.filter(({ seq }) => seq > last);
    if (left.length === this.#landed.length) return;
    this.#landed = left;
    this.#sort();
  }

  /** A stored message as it will be. @param {Message} message @returns {Message} */
  of(message) {
    const entries = this.#byMessage.get(message.seq ?? 0);
    if (!entries || message.deleted) return message;
    const before = this.#made.get(message.seq ?? 0);
    if (before?.of === message) return before.made;
    const made = entries.reduce((now, entry) => overlaid(now, entry, this.#me), message);
    this.#made.set(message.seq ?? 0, { of: message, made });
    return made;
  }

  #sort() {
    this.#made.clear();
    this.#byMessage = new Map();
    for (const entry of [...this.#landed.map(({ entry }) => entry), ...this.#waiting]) {
      const of = entry.of ?? 0;
      this.#byMessage.set(of, [...(this.#byMessage.get(of) ?? []), entry]);
    }
  }
}

/** @param {Message} message @param {Entry} entry @param {string} me @returns {Message} */
function overlaid(message, entry, me) {
  const { id, act, text, emoji = "", on = false, state, code, reason } = entry;
  const change = { room: entry.room ?? "", seq: Infinity, of: entry.of ?? 0, user: me, name: "", time: "" };
  switch (act) {
    case "edit":
      return { ...message, text, html: "", state: state === "failed" ? "failed" : "sending", code, reason, changing: id };
    case "delete":
      return { ...changed(message, { type: "deleted", ...change }), state: "sending" };
    case "react":
      return changed(message, { type: "reaction", ...change, emoji, on });
    default:
      return message;
  }
}
