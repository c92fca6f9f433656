import { dayOf } from "../lib/time.js";

/** @typedef {import("./log.js").Message} Message */
/** @typedef {{ kind: "message", key: string, message: Message, mine: boolean, lead: boolean }} MessageRow */
/** @typedef {{ kind: "day", key: string, day: string }} DayRow */
/** Stands before the first message that one has not read. @typedef {{ kind: "unread", key: string }} UnreadRow */
/** @typedef {{ kind: "note", key: string, note: import("./notes.js").Note }} NoteRow */
/** One line of the log, top to bottom. The same key is the same line; the same object is the same line unchanged. @typedef {MessageRow | DayRow | UnreadRow | NoteRow} Row */

/** How long after a message the next one of the same author stands below it without a name of its own. Milliseconds. */
const GROUP = 5 * 60_000;

/** Makes messages and notes into the lines of a log: grouped by author, with day dividers and the line above what is new. */
export class Rows {
  /** @type {Map<string, Row>} what was made last, so that lines that are the same stay the same objects */
  #made = new Map();
  /** @type {WeakMap<Message, { at: number, day: string }>} */
  #times = new WeakMap();
  #me;
  #zone;

  /** @param {string} me the user whose messages are "mine" @param {string} [zone] */
  constructor(me, zone) {
    this.#me = me;
    this.#zone = zone;
  }

  /**
   * @param {Message[]} messages in their order
   * @param {(from: number, to: number) => import("./notes.js").Note[]} notesBetween
   * @param {{ unreadAfter: number, from: number, ignored: import("./unread.js").Ignored }} marks the line stands before the first message
   *   after `unreadAfter` (below 0: nowhere) of others whom one doesn't ignore; notes are asked for from `from` on
   * @returns {Row[]}
   */
  make(messages, notesBetween, { unreadAfter, from, ignored }) {
    /** @type {Row[]} */
    const rows = [];
    let day = "";
    let noted = from;
    let unread = unreadAfter >= 0;
    /** @type {Message | null} what stands directly above */
    let above = null;
    const note = (/** @type {number} */ to) => {
      for (const note of notesBetween(noted, to)) {
        rows.push({ kind: "note", key: `n${note.after}`, note });
        above = null;
      }
      noted = Math.max(noted, to);
    };
    for (const message of messages) {
      note(message.seq ?? Infinity);
      const time = this.#time(message);
      if (time.day > day) {
        day = time.day;
        rows.push({ kind: "day", key: `d${day}`, day });
        above = null;
      }
      const mine = message.user === this.#me;
      if (unread && !mine && !ignored.has(message.user) && (message.seq ?? 0) > unreadAfter) {
        unread = false;
        rows.push({ kind: "unread", key: "unread" });
        above = null;
      }
      const lead = !above || above.user !== message.user || time.at - this.#time(above).at > GROUP;
      rows.push({ kind: "message", key: keyOf(message, mine), message, mine, lead });
      above = message;
    }
    note(Infinity);
    return this.#keep(rows);
  }

  /** @param {Message} message */
  #time(message) {
    let time = this.#times.get(message);
    if (!time) {
      const at = Date.parse(message.time);
      this.#times.set(message, (time = { at, day: dayOf(at, this.#zone) }));
    }
    return time;
  }

  /** @param {Row[]} rows */
  #keep(rows) {
    const made = this.#made;
    this.#made = new Map();
    return rows.map((row) => {
      const before = made.get(row.key);
      const kept = before && same(before, row) ? before : row;
      this.#made.set(row.key, kept);
      return kept;
    });
  }
}

/** One's own message keeps its key when it is stored: the row that one sees is the one that was sent. @param {Message} message @param {boolean} mine */
function keyOf(message, mine) {
  return mine && message.id ? `i${message.id}` : `s${message.seq}`;
}

/** @param {Row} a @param {Row} b */
function same(a, b) {
  if (a.kind === "message" && b.kind === "message") return a.message === b.message && a.lead === b.lead && a.mine === b.mine;
  if (a.kind === "note" && b.kind === "note") return a.note === b.note;
  return a.kind === b.kind;
}
