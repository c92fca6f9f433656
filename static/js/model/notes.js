/** @typedef {import("../net/protocol.js").Person} Person */

/**
 * What happened beside the messages since one is here, kept nowhere else: after the event `after`, who came and who went, who has
 * another name now, and lines that the page itself said. A run of them is one note.
 * @typedef {object} Note
 * @property {number} after
 * @property {string} time the first one's
 * @property {Person[]} joined
 * @property {Person[]} left
 * @property {{ was: string, name: string }[]} renamed
 * @property {string[]} lines
 * @property {boolean} uncounted whether more may have come or gone than are listed: the room was a crowd meanwhile
 */

/** The notes between a room's messages. A note never changes: it is replaced by another. */
export class Notes {
  /** @type {Map<number, Note>} by the seq that they stand after, in order */
  #notes = new Map();
  /** Where the room was a crowd last. The seq that a note would stand after. */
  #crowdAt = -1;

  /** @param {number} after @param {import("../net/protocol.js").Presence} presence */
  presence(after, presence) {
    const note = this.#at(after, presence.time);
    const person = { user: presence.user, name: presence.name };
    const others = (/** @type {Person[]} */ people) => people.filter((other) => other.user !== person.user);
    switch (presence.event) {
      case "join":
        if (note.left.some((other) => other.user === person.user)) note.left = others(note.left);
        else note.joined = [...others(note.joined), person];
        break;
      case "leave": // who came and went within one run is nobody's news
        if (note.joined.some((other) => other.user === person.user)) note.joined = others(note.joined);
        else note.left = [...others(note.left), person];
        break;
      case "rename":
        note.joined = note.joined.map((other) => (other.user === person.user ? person : other));
        note.renamed = [...note.renamed, { was: presence.was ?? "", name: presence.name }];
        break;
    }
    this.#put(note);
  }

  /**
   * The room is a crowd, or is one no longer: who came and went in this run was told only in part, so that it isn't said; from here on
   * it is said without a number.
   * @param {number} after
   */
  crowd(after) {
    this.#crowdAt = after;
    const note = this.#notes.get(after);
    if (note) this.#put({ ...note, joined: [], left: [], uncounted: true });
  }

  /** A line of the page's own, such as the welcome. @param {number} after @param {string} time @param {string} text */
  line(after, time, text) {
    const note = this.#at(after, time);
    note.lines = [...note.lines, text];
    this.#put(note);
  }

  /** Forgets what stands before an event; without one, everything. @param {number} [before] */
  forget(before = Infinity) {
    for (const after of this.#notes.keys()) if (after < before) this.#notes.delete(after);
  }

  /** The notes after `from` (inclusive) and before `to` (not), in order. @param {number} from @param {number} to @returns {Note[]} */
  between(from, to) {
    if (this.#notes.size === 0) return [];
    return [...this.#notes.values()].filter((note) => note.after >= from && note.after < to);
  }

  /** @param {number} after @param {string} time @returns {Note} */
  #at(after, time) {
    const uncounted = after === this.#crowdAt;
    return { ...(this.#notes.get(after) ?? { after, time, joined: [], left: [], renamed: [], lines: [], uncounted }) };
  }

  /** @param {Note} note */
  #put(note) {
    const { after, joined, left, renamed, lines } = note;
    if (joined.length + left.length + renamed.length + lines.length === 0) this.#notes.delete(after);
    else this.#notes.set(after, note);
  }
}
