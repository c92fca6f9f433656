import { deviceDatabases, deviceStorage, tabName } from "../lib/dom.js";
import { Words } from "../lib/words.js";
import { Absent } from "../model/absent.js";
import { Drafts } from "../model/draft.js";
import { Names } from "../model/names.js";
import { Unread } from "../model/unread.js";
import { Disk } from "../net/disk.js";
import { Outbox } from "../net/outbox.js";
import { Link } from "./link.js";
import { Opened } from "./opened.js";
import { LOBBY } from "./room.js";
import { namesFor, withEmoji } from "./shortcodes.js";
import { Way } from "./way.js";

/** @typedef {import("./opened.js").RoomLink} RoomLink */
/** @typedef {import("./room.js").Room} Room */

/**
 * The page's one conversation with the server: one connection, the rooms on it, and which of them is shown. The elements of the
 * page ask it and tell it; it tells them by events that something is different: "room" (another one is shown), "log", "news" (in the
 * log, because of somebody else), "sent" (something of one's own), "found" and "lost" (the message that one went to), "far" (it takes
 * long to come), "refused" (what one did to a message), "people", "typing", "facts" (the topic or the pins), "rooms", "locked" (a room
 * that wants its password), "state" (of the connection), "welcome", "warning" (soon idle), "heard" (a message, in any room), "spoke"
 * (somebody else, in the room that is shown), "invited" (into a room), "pending" (messages on their way), "dialog" (one is to be opened).
 */
export class App extends EventTarget {
  #rooms;
  #outbox;
  #unread;
  #drafts;
  #way;
  #names;
  /** @type {Link} */
  #link;
  /** The names of emoji, for scripts of their own, which have no modules in common with the page's. */
  emoji = { namesFor, withEmoji };
  /** The rooms that were shown before the one that is, the latest first. @type {readonly string[]} */
  recent = [];

  /** @param {any} boot what the server put into the page */
  constructor(boot) {
    super();
    this.me = { user: String(boot.user), name: String(boot.name) };
    this.words = new Words(boot.words, boot.lang);
    this.idleSeconds = Number(boot.idle_seconds ?? 0);
    /** Bytes that a file may have; 0 means no limit. */
    this.fileBytes = Number(boot.limits.file_bytes ?? 0);
    const storage = deviceStorage();
    const send = (/** @type {import("../net/protocol.js").Command} */ command) => this.#link.socket.send(command);
    const databases = deviceDatabases();
    const disk = databases && new Disk(databases, this.me.user);
    this.#outbox = new Outbox({ storage, disk, user: this.me.user, send, tab: tabName(), limit: boot.limits.message_length });
    this.#unread = new Unread(this.me, send);
    this.#rooms = new Opened(this.me, this.#unread, { room: boot.room, title: boot.title }, send, (room) => this.#begin(room));
    this.#way = new Way(
      (command) => this.#ask(command),
      (seq, isThere) => this.tell(isThere ? "found" : "lost", seq),
      () => this.tell("far"),
    );
    this.ignore(boot.ignored ?? []);
    this.#drafts = new Drafts(storage, this.me.user);
    this.#names = new Names(boot.names);
    /** Whether one keeps order in the chat. */
    this.moderator = Boolean(boot.moderator);
    /** Who said that they are away. */
    this.absent = new Absent();
    const hearers = { rooms: this.#rooms, unread: this.#unread, outbox: this.#outbox, names: this.#names, way: this.#way };
    this.#link = new Link(this, hearers);
    /** The room that is shown. @type {Room} */
    this.current = this.#rooms.open(boot.room);
    this.current.facts.topic = boot.topic ?? "";
    this.current.facts.archived = Boolean(boot.archived);

    this.absent.onChange = () => this.tell("people");
    this.#outbox.onChange = () => this.#pending();
    this.#outbox.onRefused = (reason) => this.tell("refused", reason);
    this.#unread.onChange = () => this.tell("rooms");
    addEventListener("storage", (event) => this.#outbox.storageChanged(event));
    addEventListener("popstate", () => this.open(roomOf(location.pathname), { push: false }));
  }

  /**
   * Begins with what the page was served with.
   * @param {Omit<import("../model/log.js").Message, "state">[]} messages
   * @param {any} boot
   */
  start(messages, boot) {
    this.#names.learn(messages);
    this.current.log.start(messages, Number(boot.last), Boolean(boot.more));
    if (boot.greeting) this.current.log.note(boot.greeting, boot.time);
    this.current.loaded = true;
    this.#pending();
    this.#link.socket.connect();
  }

  get state() {
    return this.#link.socket.state;
  }

  /** Why a moderator removed one, "" where nothing was said of it. */
  get reason() {
    return this.#link.socket.reason;
  }

  connect() {
    this.#link.socket.connect();
  }

  /** The person did something. @returns {boolean} whether that kept the connection from being closed */
  act() {
    return this.#link.activity.act();
  }

  // Rooms.

  /** @returns {RoomLink[]} */
  get rooms() {
    return this.#rooms.links(this.current.name);
  }

  /** Asks which rooms there are now. What the answer changes is told as "rooms". */
  askForRooms() {
    this.#link.socket.send({ type: "rooms" });
  }

  /** How much is unread in all rooms together. */
  get unread() {
    return this.#unread.total;
  }

  /** How many unread messages mean oneself. */
  get mentions() {
    return this.#unread.mentions;
  }

  /** A room's name as people know it: of a private room, the other one's. @param {string} room @returns {string} */
  titleOf(room) {
    return this.#rooms.titleOf(room);
  }

  /** The same in a line of text, where an open room is known by its mark. @param {string} room @returns {string} */
  headingOf(room) {
    return `${/^[@~]/.test(room) ? "" : "# "}${this.titleOf(room)}`;
  }

  /** What a room is about. @param {string} room @returns {string} */
  topicOf(room) {
    return this.#rooms.topicOf(room);
  }

  /** @param {string} room */
  hrefOf(room) {
    return `/rooms/${room}`;
  }

  /** Shows a room, without leaving the one that was shown. @param {string} name @param {{ push?: boolean }} [how] */
  open(name, { push = true } = {}) {
    if (name === "" || name === this.current.name) return;
    if (this.#unread.find(name)?.locked) {
      this.tell("locked", name);
      return;
    }
    this.current.typing.clear();
    this.#way.leave();
    this.recent = [this.current.name, ...this.recent.filter((other) => other !== this.current.name && other !== name)];
    this.current = this.#rooms.open(name);
    this.current.log.following = true;
    this.latest();
    this.#rooms.markUnread(this.current);
    if (push && history.state?.dialog) history.replaceState(null, "", this.hrefOf(name)); // its entry was a drawer's
    else if (push) history.pushState(null, "", this.hrefOf(name));
    if (!this.current.loaded) this.#link.socket.send(this.current.join());
    this.current.askForPeer();
    this.current.askForRole();
    for (const part of ["room", "log", "people", "typing", "facts", "rooms"]) this.tell(part);
  }

  /** Comes into a room by its password, and shows it. @param {string} name @param {string} password @returns {Promise<void>} */
  async unlock(name, password) {
    const known = this.#rooms.has(name);
    this.#rooms.open(name);
    try {
      await this.ask({ type: "join", room: name, password });
    } catch (why) {
      if (!known) this.#rooms.forget(name);
      throw why;
    }
    this.open(name);
  }

  /** Shows the room before or after this one in the list. @param {1 | -1} by @param {boolean} unread only those with something unread */
  step(by, unread) {
    this.open(this.#rooms.beside(this.current.name, by, unread));
  }

  /** Whether a room can be left while staying in the chat. @param {string} room */
  canLeave(room) {
    return room !== LOBBY && !room.startsWith("@");
  }

  /** @param {string} room */
  leaveRoom(room) {
    if (room === this.current.name) this.open(LOBBY);
    this.#rooms.forget(room);
    this.#link.socket.send({ type: "leave", room });
  }

  /** One may not come into a room. @param {string} room */
  turnedAway(room) {
    if (room === this.current.name) {
      this.open(LOBBY, { push: false });
      history.replaceState(null, "", this.hrefOf(LOBBY));
    }
    this.#rooms.forget(room);
  }

  /** One is in a room no more, and may not come back. @param {string} room */
  putOut(room) {
    this.turnedAway(room);
    this.dropDraft(room);
    this.begin(room, null);
  }

  // The room that is shown.

  get draft() {
    return this.#drafts.get(this.current.name);
  }

  /** The person has typed: this is what stands in the field now. @param {string} text */
  write(text) {
    this.#drafts.set(this.current.name, text);
    if (text.trim() !== "" && !isCommand(text)) this.current.typing.write();
  }

  /** What one has begun to answer or to edit in the room that is shown. */
  get begun() {
    return this.#drafts.begun(this.current.name);
  }

  /** Keeps that with the room's draft. @param {string} room @param {import("../model/draft.js").Begun | null} begun */
  begin(room, begun) {
    this.#drafts.begin(room, begun);
  }

  /** Forgets what was being written in a room; with a text only where it is that still. @param {string} room @param {string} [text] */
  dropDraft(room, text = this.#drafts.get(room)) {
    if (this.#drafts.get(room) === text) this.#drafts.set(room, "");
  }

  /** Says something of the page's own in the log that is shown. @param {string} text */
  note(text) {
    this.current.log.note(text, new Date().toISOString());
  }

  /** How many characters a text has too many. @param {string} text */
  over(text) {
    return this.#outbox.over(text);
  }

  /** Messages on their way. */
  get outbox() {
    return this.#outbox;
  }

  /**
   * @param {string} text
   * @param {{ reply_to?: number, quote?: import("../net/protocol.js").Quote, files?: import("../net/entry.js").Part[] }} [more] what it answers, what is attached
   * @param {string} [name] of the room; the one that is shown without it
   * @returns {boolean} whether it is kept on the device until it is sent
   */
  send(text, more = {}, name = this.current.name) {
    this.#outbox.add({ room: name, text, ...more });
    const room = this.#rooms.find(name);
    room?.typing.sent();
    room?.log.markUnread(-1);
    if (room === this.current) this.tell("sent");
    return this.#outbox.kept;
  }

  /**
   * Changes a message: it waits to be sent like a message, and shows at once.
   * @param {Parameters<Outbox["change"]>[0]} change
   * @param {import("../model/log.js").Message} message
   * @param {string} [room] the one that is shown without it
   */
  change(change, { seq = 0 }, room = this.current.name) {
    this.#outbox.change(change, { room, of: seq });
  }

  /** What a user goes by, as far as the page has heard; oneself is "You". @param {string} user @returns {string} */
  nameOf(user) {
    return user === this.me.user ? this.words.say("js.message.you") : this.#names.of(user);
  }

  /** Goes to a message of the room that is shown, wherever it stands: "found" says that it is here, "lost" that there is none. @param {number} seq */
  goTo(seq) {
    this.#way.go(this.current, seq);
  }

  /** Sends a message that failed once more, or gives it up. @param {string} id @param {boolean} again */
  mend(id, again) {
    if (again) this.#outbox.retry(id);
    else this.#outbox.drop(id);
  }

  /** Shows older messages, from the server where the page hasn't got them. */
  older() {
    this.#ask(this.current.log.older());
  }

  /** Shows newer messages than those that are shown, likewise. */
  newer() {
    this.#ask(this.current.log.newer());
  }

  /** Shows the newest messages, likewise. */
  latest() {
    this.#ask(this.current.log.latest());
  }

  /** @param {import("../net/protocol.js").Command | null} command */
  #ask(command) {
    if (command && !this.#link.socket.send(command)) this.current.log.disconnected(); // asked again when there is a connection
  }

  /** The person looks at the end of the room. */
  read() {
    this.#unread.read(this.current.name, this.current.log.last);
  }

  /** The person looked away: what comes from now on is new. */
  away() {
    this.current.log.markUnread(this.current.log.last);
  }

  /** How many messages of others came after one. @param {number} seq */
  countNew(seq) {
    return this.current.log.countNew(seq);
  }

  // People.

  /** Everybody whom the page knows of, each once. @returns {import("../net/protocol.js").Person[]} */
  known() {
    return this.#rooms.people();
  }

  /** The private room in which somebody else spoke last, "" where there is none. */
  get answerTo() {
    return this.#link.answerTo || (this.#unread.rooms.find(({ peer }) => peer)?.room ?? "");
  }

  /** Whom one ignores, and how they are called. @returns {Map<string, string>} */
  get ignored() {
    return this.#unread.ignored;
  }

  /** @param {readonly import("../net/protocol.js").Person[]} people */
  ignore(people) {
    this.#unread.ignored = new Map(people.map(({ user, name }) => [user, name]));
    for (const { log } of this.#rooms.all) log.ignored = this.ignored;
    this.tell("people");
  }

  // The connection.

  /** Opens a dialog of the page. @param {string} id */
  show(id) {
    this.tell("dialog", id);
  }

  /**
   * Asks the server for what it answers by the id of the question.
   * @param {any} command without an id
   * @returns {Promise<any>} the frame that answers; it fails with what a person can be told
   */
  ask(command) {
    return this.#link.questions.ask(command);
  }

  /** What the server says of oneself and the chat on every connection. @param {import("../net/protocol.js").Welcome} frame */
  welcomed(frame) {
    this.me.name = frame.name;
    this.ignore(frame.ignored ?? []);
    this.moderator = Boolean(frame.moderator);
    this.#outbox.limit = frame.limits.message_length;
    this.fileBytes = frame.limits.file_bytes;
    this.idleSeconds = frame.idle_seconds;
    this.#rooms.markUnread(this.current);
  }

  #pending() {
    for (const { name, log } of this.#rooms.all) log.setPending(this.#outbox.in(name));
    this.tell("pending");
  }

  /** @param {Room} room that was opened just now */
  #begin(room) {
    const { name } = room;
    const tell = (/** @type {string} */ part) => () => {
      if (this.current.name === name) this.tell(part);
    };
    room.log.setPending(this.#outbox.in(name));
    room.log.ignored = this.ignored;
    room.log.onChange = (isNews) => tell(isNews ? "news" : "log")();
    room.log.onAround = (seq, isThere) => {
      if (this.current === room) this.#way.came(room, seq, isThere);
    };
    room.people.onChange = tell("people");
    room.typing.onChange = tell("typing");
    room.facts.onChange = tell("facts");
  }

  /** @param {string} part what is different, or has happened @param {any} [detail] */
  tell(part, detail) {
    this.dispatchEvent(new CustomEvent(part, { detail }));
  }
}

/** @param {string} path of a chat page */
function roomOf(path) {
  return decodeURIComponent(path.replace(/^\/rooms\//, ""));
}

/** Whether a line that is being written is for the page, so that nobody need know of it. @param {string} text */
function isCommand(text) {
  return /^\/(?!\/|me |shrug)/.test(text);
}
