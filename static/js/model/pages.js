import { stored } from "./message.js";

/** @typedef {import("./message.js").Message} Message */
/** @typedef {import("../net/protocol.js").Command} Command */

/** How many events are asked of the server when one reads down to what isn't here any more. */
const PAGE = 50;
/** How many events after a message are asked for with it. */
const AFTER = 25;

/**
 * What the pages of a log do to it: `add` puts in what the server has read, `clear` takes out all that is there for what stands
 * elsewhere, `forgetSome` keeps it from growing.
 * @typedef {{ add: (messages: Message[]) => void, clear: () => void, forgetSome: (isGoingDown?: boolean) => void, changed: () => void }} Book
 */

/** What of a log is shown and held when one goes up, down or to a message: from memory where it is there, else asked of the server, once. */
export class Pages {
  /** Whether the server has older messages than those that are here. */
  olderOnServer = false;
  /** Whether the latest messages were asked for, to begin anew with. */
  jumping = false;

  #log;
  #held;
  #span;
  #book;
  /**
   * What was asked for: messages before a seq. Of newer ones than those that are here, `tail` is what has come since, which goes on from
   * them; null where there are more in between. `around`: the message that is looked for.
   * @type {{ id: string, before: number, newer: boolean, tail: Message[] | null, around?: number } | null}
   */
  #asked = null;
  /** Up to where to ask for newer ones, where more at once was too much for one answer. */
  #newerTo = Infinity;

  /** @param {import("./log.js").Log} log @param {import("./held.js").Held} held @param {import("./span.js").Span} span @param {Book} book */
  constructor(log, held, span, book) {
    this.#log = log;
    this.#held = held;
    this.#span = span;
    this.#book = book;
  }

  /** Whether there are older messages than those that are shown. */
  get isMore() {
    return this.olderOnServer || this.#span.top > this.#held.first;
  }

  /** @returns {Command | null} */
  older() {
    if (this.#log.more && this.#span.up(this.#held.list)) {
      this.#book.changed();
      return null;
    }
    if (!this.olderOnServer || this.#asked || this.jumping) return null;
    const before = this.#held.first;
    this.#asked = { id: `older.${before}`, before, newer: false, tail: null };
    return { type: "history", id: this.#asked.id, room: this.#log.room, before };
  }

  /** @returns {Command | null} */
  newer() {
    if (!this.#log.behind) return null;
    if (this.#span.down(this.#held.list, this.#held.isCut)) {
      this.#book.changed();
      return null;
    }
    if (this.#asked || this.jumping) return null;
    const { last, room } = this.#log;
    // What comes while the answer is under way need not be in it: it is asked for up to what had come before, and the rest is kept.
    const before = Math.min(this.#held.to + PAGE, this.#newerTo, last) + 1;
    this.#asked = { id: `newer.${before}`, before, newer: true, tail: before > last ? [] : null };
    // One more than there can be: the last one that is here shows that the answer has left nothing out.
    return { type: "history", id: this.#asked.id, room, before, limit: PAGE + 1 };
  }

  /** @returns {Command | null} */
  latest() {
    if (!this.#log.behind || this.jumping) return null;
    if (this.#held.isCut) {
      this.jumping = true;
      this.#asked = null;
      return { type: "join", room: this.#log.room };
    }
    if (this.#span.end(this.#held.list)) this.#book.changed();
    return null;
  }

  /** @param {number} seq @param {boolean} alone @returns {Command | null} */
  around(seq, alone) {
    if (this.#held.at(seq)) {
      this.#span.around(this.#held.list, seq, this.#held.isCut);
      this.#book.changed();
      this.#log.onAround(seq, true);
      return null;
    }
    const before = alone ? seq + 1 : Math.min(seq + AFTER, this.#log.last) + 1;
    this.jumping = false;
    this.#asked = { id: `around.${seq}.${before}`, before, newer: false, tail: null, around: seq };
    return { type: "history", id: this.#asked.id, room: this.#log.room, before };
  }

  /** Whether it is what was asked for that was refused. @param {string} id of the refusal */
  isAsking(id) {
    return this.#asked?.id === id;
  }

  /** What was asked for doesn't come, or isn't wanted any more. */
  giveUp() {
    this.#asked = null;
  }

  /** The log begins anew, with its latest messages. @param {boolean} olderOnServer */
  begin(olderOnServer) {
    this.#span.top = 0;
    this.#span.bottom = Infinity;
    this.olderOnServer = olderOnServer;
    this.#asked = null;
    this.#newerTo = Infinity;
    this.jumping = false;
  }

  /** A message came while what is before it may be under way. @param {Message} message */
  came(message) {
    if (this.#held.isCut) this.#asked?.tail?.push(message);
  }

  /** @param {import("../net/protocol.js").History} frame */
  take(frame) {
    const asked = this.#asked;
    if (!asked || (frame.id && frame.id !== asked.id)) return; // by a log that has been replaced since, or before one jumped
    if (asked.around) {
      this.#asked = null;
      this.#aroundCame(frame, asked.around, asked.before);
    } else if (asked.newer) {
      this.#asked = null;
      this.#newerCame(frame, asked.before, asked.tail);
    } else if (asked.before === this.#held.first) {
      this.#asked = null;
      this.#olderCame(frame);
    }
  }

  /** @param {import("../net/protocol.js").History} frame */
  #olderCame(frame) {
    this.olderOnServer = frame.more;
    const shownToTop = this.#span.top <= this.#held.first;
    this.#book.add(frame.messages.map(stored));
    if (shownToTop) this.#span.top = this.#held.first;
    this.#book.forgetSome();
  }

  /** @param {import("../net/protocol.js").History} frame @param {number} seq @param {number} before */
  #aroundCame({ messages, more }, seq, before) {
    const isThere = messages.some((message) => message.seq === seq);
    if (isThere) {
      const isEnd = before > this.#log.last;
      this.#book.clear();
      this.olderOnServer = more;
      this.#newerTo = Infinity;
      this.#book.add(messages.map(stored));
      if (!isEnd) this.#held.extend(before - 1);
      this.#span.top = messages[0].seq;
      this.#span.bottom = isEnd ? Infinity : (messages.at(-1)?.seq ?? Infinity);
    }
    this.#log.onAround(seq, isThere);
  }

  /** @param {import("../net/protocol.js").History} frame @param {number} before @param {Message[] | null} tail */
  #newerCame({ messages, more }, before, tail) {
    const { to } = this.#held;
    const isWhole = messages.length === 0 || messages[0].seq <= to + 1 || !more;
    this.#newerTo = isWhole ? Infinity : messages[0].seq - 1; // long messages, of which fewer come at once
    if (!isWhole) return;
    this.#held.extend(tail ? Infinity : before - 1);
    this.#book.add([...messages.filter((message) => message.seq > to).map(stored), ...(tail ?? [])]);
    this.#book.forgetSome(true);
  }
}
