import { Changes } from "./changes.js";
import { Held } from "./held.js";
import { stored } from "./message.js";
import { Notes } from "./notes.js";
import { Overlay } from "./overlay.js";
import { Own } from "./own.js";
import { Pages } from "./pages.js";
import { Rows } from "./rows.js";
import { Span } from "./span.js";

/** @typedef {import("../net/protocol.js").Frame} Frame */
/** @typedef {import("../net/protocol.js").Change} Change */
/** @typedef {import("../net/protocol.js").Message} Told */
/** @typedef {import("../net/protocol.js").Command} Command */
/** @typedef {import("../net/entry.js").Entry} Entry */
/** @typedef {import("./message.js").Message} Message */

/** How many messages of a room the page shows and holds in memory; the server has the others. */
const SHOWN = 500;
const HELD = 5000;

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
  #last = 0;
  #changes;
  #own;
  #overlay;
  #unreadAfter = -1;
  /** @type {import("./unread.js").Ignored} */
  #ignored = new Set();
  #notes = new Notes();
  #span;
  #pages;
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
    this.#changes = new Changes(this.#held, (message) => this.#put(message));
    this.#own = new Own(me);
    this.#overlay = new Overlay(me.user);
    this.#span = new Span(shown);
    this.#pages = new Pages(this, this.#held, this.#span, {
      add: (messages) => this.#add(messages),
      clear: () => this.#goElsewhere(),
      forgetSome: (isGoingDown) => this.#forgetSome(isGoingDown),
      changed: () => this.#changedRows(),
    });
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
    return this.rows && this.#pages.isMore;
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
    return this.#held.countAfter(seq, this.#ignored);
  }

  /** What they say is never new. @param {import("./unread.js").Ignored} users */
  set ignored(users) {
    this.#ignored = users;
    this.#changedRows();
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
        this.#pages.take(frame);
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
    this.#own.set(entries.filter((entry) => !entry.act));
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
   * @returns {Command | null} what to send to the server, where it alone has them and was not asked
   */
  older() {
    return this.#pages.older();
  }

  /** Shows newer messages, where one had scrolled so far up that they were not shown. @returns {Command | null} likewise */
  newer() {
    return this.#pages.newer();
  }

  /** Shows the newest messages. @returns {Command | null} likewise */
  latest() {
    return this.#pages.latest();
  }

  /**
   * Shows a message and what stands around it. `onAround` says when it is here, or that it isn't anywhere.
   * @param {number} seq
   * @param {boolean} [alone] nothing after it, so that however long they are, it is among those that come
   * @returns {Command | null} likewise
   */
  around(seq, alone = false) {
    return this.#pages.around(seq, alone);
  }

  /** Whether it is what `older` asked for that was refused. @param {string} id of the refusal */
  isAsking(id) {
    return this.#pages.isAsking(id);
  }

  /** What was refused for now may be asked for again. */
  askAgain() {
    this.#pages.giveUp();
    this.#changedRows();
  }

  /** The connection is gone, and with it what it was asked. */
  disconnected() {
    this.#pages.giveUp();
    this.#pages.jumping = false;
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
    if (event.type === "message") this.#put(stored(event));
    else this.#changes.take(event);
  }

  /** @param {import("../net/protocol.js").Joined} frame */
  #joined(frame) {
    this.#pages.giveUp();
    const changes = frame.changes ?? [];
    const next = Math.min(...frame.messages.map((m) => m.seq), ...changes.map((c) => c.seq));
    const isHole = Number.isFinite(next) && next > this.#last + 1; // these are the latest, not what was missed
    if (frame.truncated || isHole || this.#pages.jumping) {
      this.#replace(frame.messages, frame.last, Boolean(frame.more));
    } else {
      if (this.#held.list.length === 0) this.#pages.olderOnServer = Boolean(frame.more);
      const before = this.#last;
      for (const message of frame.messages) this.#put(stored(message));
      for (const change of changes) if (change.seq > before) this.#apply(change);
      this.#last = Math.max(this.#last, frame.last);
    }
    this.#takeAhead();
    this.#overlay.reached(this.#last);
    this.#own.reached(this.#last);
    this.#forgetSome();
  }

  /** Puts in what the server has read, and what has changed since it did. @param {Message[]} messages */
  #add(messages) {
    for (const message of messages) if (!this.at(message.seq ?? 0)) this.#put(message);
    this.#changes.again();
  }

  /** @param {import("../net/protocol.js").Ack} ack */
  #acked(ack) {
    this.#overlay.acked(ack, this.#last);
    this.#own.acked(ack, this.#last);
  }

  /** @param {Omit<Message, "state">[]} messages @param {number} last @param {boolean} more */
  #replace(messages, last, more) {
    this.#held.clear();
    this.#ahead.clear();
    this.#own.clear();
    this.#changes.clear();
    this.#notes.forget();
    this.#pages.begin(more);
    for (const message of messages) this.#put({ ...message, state: "stored" });
    this.#last = last;
  }

  /** Takes out what is here, for what stands elsewhere in the log. */
  #goElsewhere() {
    this.#held.clear();
    this.#own.forgetStored();
    this.#changes.forgetAnswers();
    this.#notes.forget();
  }

  /** @param {Message} message */
  #put(message) {
    const answering = this.#changes.answering(message);
    this.#pages.came(answering);
    this.#held.put(answering);
    this.#own.put(answering);
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
    this.#pages.olderOnServer = true;
    this.#pages.giveUp();
  }

  /** @param {Message[]} gone @returns {boolean} whether there are any */
  #forget(gone) {
    this.#own.forget(gone);
    return gone.length > 0;
  }

  #changedRows(isNews = false) {
    this.#rows = null;
    this.onChange(isNews);
  }

  #makeRows() {
    const shown = this.#span.of(this.#held.list, this.following).map((message) => this.#overlay.of(message));
    const { isMore } = this.#pages;
    const from = isMore ? (shown[0]?.seq ?? 0) : 0;
    const isUnread = this.#unreadAfter >= from - 1 || !isMore; // else it would stand above what one has scrolled to, not above what is new
    const marks = { unreadAfter: isUnread ? this.#unreadAfter : -1, from, ignored: this.#ignored };
    const until = this.#span.bottom;
    const notesBetween = (/** @type {number} */ a, /** @type {number} */ b) => this.#notes.between(a, Math.min(b, until));
    return this.#maker.make(this.#span.behind ? shown : [...shown, ...this.#own.list], notesBetween, marks);
  }
}
