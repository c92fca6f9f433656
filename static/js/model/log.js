import { changed, quoted } from "./change.js";
import { Held } from "./held.js";
import { Notes } from "./notes.js";
import { Overlay } from "./overlay.js";
import { Rows } from "./rows.js";
import { Span } from "./span.js";

/** @typedef {import("../net/protocol.js").Frame} Frame */
/** @typedef {import("../net/protocol.js").Change} Change */
/** @typedef {import("../net/protocol.js").Message} Told */
/** @typedef {import("../net/outbox.js").Entry} Entry */

/**
 * A message of the room, as it is now. It never changes: it is replaced by another. `seq` and `html` come when it is stored.
 * `sent`: acknowledged, so that nothing can happen to it any more; its frame is still under way.
 * @typedef {object} Message
 * @property {number} [seq]
 * @property {string} [id] the sender's own
 * @property {string} user
 * @property {string} name
 * @property {string} text
 * @property {string} html "" until it is stored
 * @property {string} time RFC 3339; the device's until it is stored
 * @property {"stored" | "sending" | "sent" | "failed"} state
 * @property {string} [code] why it failed
 * @property {string} [reason] the same as a sentence
 * @property {number} [reply_to]
 * @property {import("../net/protocol.js").Quote} [quote] of what it answers
 * @property {string} [changing] the id of an edit of one's own on its way, which `state` is of
 * @property {number} [edited]
 * @property {number} [deleted]
 * @property {import("../net/protocol.js").Reaction[]} [reactions]
 * @property {(import("../net/protocol.js").StoredFile | import("../net/outbox.js").Part)[]} [files]
 */

/** How many messages of a room the page shows and holds in memory; the server has the others. */
const SHOWN = 500;
const HELD = 5000;
/** How many events are asked of the server when one reads down to what isn't here any more. */
const PAGE = 50;
/** How many events after a message are asked for with it. */
const AFTER = 25;
/** How many changes are remembered, for older messages that were read from the store before them and come after them. */
const REMEMBERED = 200;

/**
 * One room's log, in the server's order. Every event is taken once and in the order of `seq`, whatever the order in which frames
 * come: what is ahead of a gap waits until the gap is filled. After the stored messages stand one's own that are not stored yet.
 */
export class Log {
  /** Called when something has changed that `rows` shows. `isNews`: because somebody else did something. @type {(isNews: boolean) => void} */
  onChange = () => {};
  /** Called once per gap: asks for everything after `since` (a `join`). @type {(since: number) => void} */
  onGap = () => {};
  /** Called when it has come what `around` asked for, or when there is no such message. @type {(seq: number, isThere: boolean) => void} */
  onAround = () => {};
  /** Whether one is at the end of the log and stays there: then the oldest rows give way. */
  following = true;
  /** Whether what was said before was put out of sight. */
  cleared = false;

  #me;
  #held;
  /** @type {Map<number, Told | Change>} events ahead of a gap */
  #ahead = new Map();
  /** @type {Change[]} */
  #changes = [];
  #last = 0;
  #olderOnServer = false;
  /**
   * What was asked for: messages before a seq. Of newer ones than those that are here, `tail` is what has come since, which goes on from
   * them; null where there are more in between. `around`: the message that is looked for.
   * @type {{ id: string, before: number, newer: boolean, tail: Message[] | null, around?: number } | null}
   */
  #asked = null;
  /** Up to where to ask for newer ones, where more at once was too much for one answer. */
  #newerTo = Infinity;
  /** Whether the latest messages were asked for, to begin anew with. */
  #jumping = false;
  /** @type {readonly Entry[]} */
  #pending = [];
  /** @type {Map<string, Message>} by id: acknowledged, its frame still under way */
  #sent = new Map();
  /** @type {Map<number, Set<number>>} seqs of messages by what they answer */
  #answers = new Map();
  /** @type {Set<string>} ids of one's own messages that the log holds */
  #mine = new Set();
  #overlay;
  #unreadAfter = -1;
  #notes = new Notes();
  #span;
  #maker;
  /** @type {import("./rows.js").Row[] | null} */
  #rows = null;

  /**
   * @param {string} room
   * @param {import("../net/protocol.js").Person} me
   * @param {{ shown?: number, held?: number, zone?: string }} [options] `zone`: where days begin; the device's own without it
   */
  constructor(room, me, { shown = SHOWN, held = HELD, zone } = {}) {
    this.room = room;
    this.#me = me;
    this.#held = new Held(me.user, held);
    this.#overlay = new Overlay(me.user);
    this.#span = new Span(shown);
    this.#maker = new Rows(me.user, zone);
  }

  /** The seq up to which everything is here, 0 for nothing. A reconnect asks for what is after it. */
  get last() {
    return this.#last;
  }

  /** The seq of the oldest message that is here, 0 for none. */
  get first() {
    return this.#held.first;
  }

  /** Whether there are older messages than those in `rows`, here or on the server. */
  get more() {
    return this.rows && this.#isMore();
  }

  /** Whether there are newer messages than those in `rows`. */
  get behind() {
    return this.rows && this.#span.behind;
  }

  /** The stored messages that are here, oldest first. @returns {readonly Message[]} */
  get messages() {
    return this.#held.list;
  }

  /** @param {number} seq @returns {Message | undefined} */
  at(seq) {
    return this.#held.at(seq);
  }

  /** A message as it is shown: with one's own changes of it that are on their way. @param {number} seq @returns {Message | undefined} */
  asShown(seq) {
    const message = this.at(seq);
    return message && this.#overlay.of(message);
  }

  /** One's own latest message that can still be changed. @returns {Message | undefined} */
  get lastOwn() {
    const { list } = this.#held;
    for (let i = list.length - 1; i >= 0; i--) {
      const message = this.#overlay.of(list[i]);
      if (message.user === this.#me.user && !message.deleted) return message;
    }
    return undefined;
  }

  /** How many messages of others came after one. @param {number} seq */
  countNew(seq) {
    return this.#held.countAfter(seq);
  }

  /** The lines to show, top to bottom. @returns {readonly import("./rows.js").Row[]} */
  get rows() {
    this.#rows ??= this.#makeRows();
    return this.#rows;
  }

  /** Begins with what the page was served with. @param {Omit<Message, "state">[]} messages by seq @param {number} last @param {boolean} more */
  start(messages, last, more) {
    this.#replace(messages, last, more);
    this.#changedRows();
  }

  /** Takes a frame of the connection; what doesn't concern this room's log is left alone. @param {Frame} frame */
  receive(frame) {
    if (!("room" in frame) || frame.room !== this.room) return;
    switch (frame.type) {
      case "message":
      case "edited":
      case "deleted":
      case "reaction":
      case "topic":
      case "pinned":
        this.#live(frame);
        break;
      case "joined":
        if (frame.count) this.#notes.crowd(this.#last);
        this.#joined(frame);
        break;
      case "history":
        this.#history(frame);
        break;
      case "ack":
        this.#acked(frame);
        break;
      case "presence":
        this.#notes.presence(this.#last, frame);
        break;
      case "crowd":
        this.#notes.crowd(this.#last);
        break;
      default:
        return;
    }
    this.#changedRows("user" in frame && frame.user !== this.#me.user);
  }

  /** One's own messages and changes on their way, of this room, in their order. @param {readonly Entry[]} entries */
  setPending(entries) {
    this.#pending = entries.filter((entry) => !entry.act);
    this.#overlay.set(entries.filter((entry) => entry.act));
    this.#changedRows();
  }

  /** Adds a line of the page's own after what is there now. @param {string} text @param {string} time */
  note(text, time) {
    this.#notes.line(this.#last, time, text);
    this.#changedRows();
  }

  /** Shows nothing of what was said so far, and a line instead. The page forgets it; the server doesn't. @param {string} text */
  clear(text) {
    this.#replace([], this.#last, false);
    this.cleared = true;
    this.note(text, new Date().toISOString());
  }

  /** Puts the line above others' first message after `read`; below 0 takes it away. @param {number} read */
  markUnread(read) {
    if (read === this.#unreadAfter) return;
    this.#unreadAfter = read;
    this.#changedRows();
  }

  /**
   * Shows older messages, from memory where they are.
   * @returns {import("../net/protocol.js").Command | null} what to send to the server, where it alone has them and was not asked
   */
  older() {
    if (this.more && this.#span.up(this.#held.list)) {
      this.#changedRows();
      return null;
    }
    if (!this.#olderOnServer || this.#asked || this.#jumping) return null;
    this.#asked = { id: `older.${this.first}`, before: this.first, newer: false, tail: null };
    return { type: "history", id: this.#asked.id, room: this.room, before: this.first };
  }

  /**
   * Shows newer messages, where one had scrolled so far up that they were not shown.
   * @returns {import("../net/protocol.js").Command | null} what to send to the server, where it alone has them and was not asked
   */
  newer() {
    if (!this.behind) return null;
    if (this.#span.down(this.#held.list, this.#held.isCut)) {
      this.#changedRows();
      return null;
    }
    if (this.#asked || this.#jumping) return null;
    // What comes while the answer is under way need not be in it: it is asked for up to what had come before, and the rest is kept.
    const before = Math.min(this.#held.to + PAGE, this.#newerTo, this.#last) + 1;
    this.#asked = { id: `newer.${before}`, before, newer: true, tail: before > this.#last ? [] : null };
    // One more than there can be: the last one that is here shows that the answer has left nothing out.
    return { type: "history", id: this.#asked.id, room: this.room, before, limit: PAGE + 1 };
  }

  /**
   * Shows the newest messages.
   * @returns {import("../net/protocol.js").Command | null} what to send to the server, where it alone has them and was not asked
   */
  latest() {
    if (!this.behind || this.#jumping) return null;
    if (this.#held.isCut) {
      this.#jumping = true;
      this.#asked = null;
      return { type: "join", room: this.room };
    }
    if (this.#span.end(this.#held.list)) this.#changedRows();
    return null;
  }

  /**
   * Shows a message and what stands around it. `onAround` says when it is here, or that it isn't anywhere.
   * @param {number} seq
   * @param {boolean} [alone] nothing after it, so that however long they are, it is among those that come
   * @returns {import("../net/protocol.js").Command | null} what to send to the server, where it alone has it
   */
  around(seq, alone = false) {
    if (this.at(seq)) {
      this.#span.around(this.#held.list, seq, this.#held.isCut);
      this.#changedRows();
      this.onAround(seq, true);
      return null;
    }
    const before = alone ? seq + 1 : Math.min(seq + AFTER, this.#last) + 1;
    this.#jumping = false;
    this.#asked = { id: `around.${seq}.${before}`, before, newer: false, tail: null, around: seq };
    return { type: "history", id: this.#asked.id, room: this.room, before };
  }

  /** Whether it is what `older` asked for that was refused. @param {string} id of the refusal */
  isAsking(id) {
    return this.#asked?.id === id;
  }

  /** What was refused for now may be asked for again. */
  askAgain() {
    this.#asked = null;
    this.#changedRows();
  }

  /** The connection is gone, and with it what it was asked. */
  disconnected() {
    this.#asked = null;
    this.#jumping = false;
    this.#ahead.clear();
  }

  /** @param {Told | Change} event */
  #live(event) {
    if (event.seq <= this.#last) return;
    if (event.seq > this.#last + 1) {
      const known = this.#ahead.size > 0;
      this.#ahead.set(event.seq, event);
      if (!known) this.onGap(this.#last);
      return;
    }
    this.#apply(event);
    this.#takeAhead();
    this.#forgetSome();
  }

  /** What waited and is next now. */
  #takeAhead() {
    for (const seq of [...this.#ahead.keys()].sort((a, b) => a - b)) {
      const event = /** @type {Told | Change} */ (this.#ahead.get(seq));
      if (seq > this.#last + 1) return;
      this.#ahead.delete(seq);
      if (seq === this.#last + 1) this.#apply(event);
    }
  }

  /** @param {Told | Change} event */
  #apply(event) {
    this.#last = Math.max(this.#last, event.seq);
    this.#overlay.reached(this.#last);
    if (event.type === "message") {
      this.#put(stored(event));
      return;
    }
    this.#changes.push(event);
    if (this.#changes.length > 2 * REMEMBERED) this.#changes.splice(0, REMEMBERED);
    this.#change(event);
  }

  /** @param {import("../net/protocol.js").Joined} frame */
  #joined(frame) {
    this.#asked = null;
    const changes = frame.changes ?? [];
    const next = Math.min(...frame.messages.map((m) => m.seq), ...changes.map((c) => c.seq));
    const isHole = Number.isFinite(next) && next > this.#last + 1; // these are the latest, not what was missed
    if (frame.truncated || isHole || this.#jumping) {
      this.#replace(frame.messages, frame.last, Boolean(frame.more));
    } else {
      if (this.#held.list.length === 0) this.#olderOnServer = Boolean(frame.more);
      const before = this.#last;
      for (const message of frame.messages) this.#put(stored(message));
      for (const change of changes) if (change.seq > before) this.#apply(change);
      this.#last = Math.max(this.#last, frame.last);
    }
    this.#takeAhead();
    this.#overlay.reached(this.#last);
    for (const [id, message] of this.#sent) if ((message.seq ?? 0) <= this.#last) this.#sent.delete(id);
    this.#forgetSome();
  }

  /** @param {import("../net/protocol.js").History} frame */
  #history(frame) {
    const asked = this.#asked;
    if (!asked || (frame.id && frame.id !== asked.id)) return; // by a log that has been replaced since, or before one jumped
    if (asked.around) {
      this.#asked = null;
      this.#aroundCame(frame, asked.around, asked.before);
    } else if (asked.newer) {
      this.#asked = null;
      this.#newerCame(frame, asked.before, asked.tail);
    } else if (asked.before === this.first) {
      this.#asked = null;
      this.#olderCame(frame);
    }
  }

  /** @param {import("../net/protocol.js").History} frame */
  #olderCame(frame) {
    this.#olderOnServer = frame.more;
    const shownToTop = this.#span.top <= this.first;
    this.#add(frame.messages.map(stored));
    if (shownToTop) this.#span.top = this.first;
    this.#forgetSome();
  }

  /** @param {import("../net/protocol.js").History} frame @param {number} seq @param {number} before */
  #aroundCame({ messages, more }, seq, before) {
    const isThere = messages.some((message) => message.seq === seq);
    if (isThere) {
      const isEnd = before > this.#last;
      this.#held.clear();
      this.#mine.clear();
      this.#answers.clear();
      this.#notes.forget();
      this.#olderOnServer = more;
      this.#newerTo = Infinity;
      this.#add(messages.map(stored));
      if (!isEnd) this.#held.extend(before - 1);
      this.#span.top = messages[0].seq;
      this.#span.bottom = isEnd ? Infinity : (messages.at(-1)?.seq ?? Infinity);
    }
    this.onAround(seq, isThere);
  }

  /** @param {import("../net/protocol.js").History} frame @param {number} before @param {Message[] | null} tail */
  #newerCame({ messages, more }, before, tail) {
    const { to } = this.#held;
    const isWhole = messages.length === 0 || messages[0].seq <= to + 1 || !more;
    this.#newerTo = isWhole ? Infinity : messages[0].seq - 1; // long messages, of which fewer come at once
    if (!isWhole) return;
    this.#held.extend(tail ? Infinity : before - 1);
    this.#add([...messages.filter((message) => message.seq > to).map(stored), ...(tail ?? [])]);
    this.#forgetSome(true);
  }

  /** Puts in what the server has read, and what has changed since it did. @param {Message[]} messages */
  #add(messages) {
    for (const message of messages) if (!this.at(message.seq ?? 0)) this.#put(message);
    for (const change of this.#changes) this.#change(change);
  }

  /** @param {import("../net/protocol.js").Ack} ack */
  #acked(ack) {
    this.#overlay.acked(ack, this.#last);
    const entry = this.#pending.find((entry) => entry.id === ack.id);
    if (!entry || this.#mine.has(ack.id) || ack.seq <= this.#last) return;
    this.#sent.set(ack.id, { ...this.#ofEntry(entry), seq: ack.seq, time: ack.time, state: "sent", reason: undefined });
  }

  /** @param {Omit<Message, "state">[]} messages @param {number} last @param {boolean} more */
  #replace(messages, last, more) {
    this.#held.clear();
    this.#ahead.clear();
    this.#mine.clear();
    this.#answers.clear();
    this.#sent.clear();
    this.#changes = [];
    this.#notes.forget();
    this.#span.top = 0;
    this.#span.bottom = Infinity;
    for (const message of messages) this.#put({ ...message, state: "stored" });
    this.#last = last;
    this.#olderOnServer = more;
    this.#asked = null;
    this.#newerTo = Infinity;
    this.#jumping = false;
  }

  /** @param {Message} message */
  #put(message) {
    message = this.#answering(message);
    if (this.#held.isCut) this.#asked?.tail?.push(message);
    this.#held.put(message);
    if (message.user !== this.#me.user || !message.id) return;
    this.#mine.add(message.id);
    this.#sent.delete(message.id);
  }

  /** An answer shows what it answers as that is now. @param {Message} message @returns {Message} */
  #answering(message) {
    const { seq = 0, reply_to = 0, quote } = message;
    if (!quote) return message;
    const answers = this.#answers.get(reply_to) ?? new Set();
    this.#answers.set(reply_to, answers.add(seq));
    const source = this.at(reply_to);
    return source ? { ...message, quote: quoted(source) } : message;
  }

  /** @param {Change} change */
  #change(change) {
    if (change.type === "topic" || change.type === "pinned") return; // of the room: see facts.js
    const message = this.at(change.of);
    const after = message && changed(message, change); // what isn't here comes as it is then
    if (after && after !== message) this.#put(after);
    if (change.type === "reaction") return;
    for (const seq of this.#answers.get(change.of) ?? []) {
      const answer = this.at(seq);
      if (!answer?.quote) continue;
      const source = change.type === "deleted" ? { ...answer.quote, deleted: change.seq } : { ...answer.quote, text: change.text, deleted: 0 };
      this.#put({ ...answer, quote: quoted(after ?? source) });
    }
  }

  /**
   * Someone who stays for days holds no more than the latest; who reads above holds what is around it.
   * @param {boolean} [isGoingDown] then the oldest give way first
   */
  #forgetSome(isGoingDown = false) {
    const { behind, top, bottom } = this.#span;
    if (!behind && !this.following) return;
    if (behind && !isGoingDown) this.#forget(this.#held.forgetNewest(bottom));
    if (!this.#forget(this.#held.forgetOldest(behind ? top : Infinity))) return;
    this.#notes.forget(this.first);
    this.#olderOnServer = true;
    this.#asked = null;
  }

  /** @param {Message[]} gone @returns {boolean} whether there are any */
  #forget(gone) {
    for (const { user, id } of gone) if (user === this.#me.user && id) this.#mine.delete(id);
    return gone.length > 0;
  }

  #changedRows(isNews = false) {
    this.#rows = null;
    this.onChange(isNews);
  }

  #isMore() {
    return this.#olderOnServer || this.#span.top > this.first;
  }

  #makeRows() {
    const shown = this.#span.of(this.#held.list, this.following).map((message) => this.#overlay.of(message));
    const isMore = this.#isMore();
    const from = isMore ? (shown[0]?.seq ?? 0) : 0;
    const isUnread = this.#unreadAfter >= from - 1 || !isMore; // else it would stand above what one has scrolled to, not above what is new
    const marks = { unreadAfter: isUnread ? this.#unreadAfter : -1, from };
    const until = this.#span.bottom;
    const notesBetween = (/** @type {number} */ a, /** @type {number} */ b) => this.#notes.between(a, Math.min(b, until));
    return this.#maker.make(this.#span.behind ? shown : [...shown, ...this.#unstored()], notesBetween, marks);
  }

  /** One's own messages that are not in the log yet: those that have a seq by it, then the others as they were written. @returns {Message[]} */
  #unstored() {
    const sent = [...this.#sent.values()].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
    const pending = this.#pending.filter((entry) => !this.#sent.has(entry.id) && !this.#mine.has(entry.id));
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

/** @param {Told} told @returns {Message} */
function stored(told) {
  return { ...told, state: "stored" };
}
