import { deviceDatabases, deviceStorage, tabName } from "../lib/dom.js";
import { isolate } from "../lib/text.js";
import { Words } from "../lib/words.js";
import { Absent } from "../model/absent.js";
import { Drafts } from "../model/draft.js";
import { Names } from "../model/names.js";
import { Unread } from "../model/unread.js";
import { Activity } from "../net/activity.js";
import { Disk } from "../net/disk.js";
import { Outbox } from "../net/outbox.js";
import { makeId, peerOf, socketUrl, titleOf } from "../net/protocol.js";
import { Socket, sessionAt } from "../net/socket.js";
import { Room } from "./room.js";

/** @typedef {import("../net/protocol.js").Frame} Frame */
/** @typedef {{ type: string, answer: (frame: Frame) => void, refuse: (why: Error) => void }} Asked */
/**
 * A room as the list shows it.
 * @typedef {{ name: string, title: string, direct: boolean, members: number, unread: number, mentions: number, muted: boolean,
 *   closed: boolean, locked: boolean, invited: boolean,
 *   current: boolean }} RoomLink
 */

const LOBBY = "lobby";
/** How long after a refusal older messages are asked for again, where the server doesn't say. Milliseconds. */
const OLDER_AGAIN = 2000;

/**
 * The page's one conversation with the server: one connection, the rooms on it, and which of them is shown. The elements of the
 * page ask it and tell it; it tells them by events that something is different: "room" (another one is shown), "log", "news" (in the
 * log, because of somebody else), "sent" (something of one's own), "found" and "lost" (the message that one went to), "refused" (what one did
 * to a message), "people", "typing", "facts" (the topic or the pins), "rooms", "state" (of the connection), "warning" (soon idle), "spoke"
 * (somebody else, in the room that is shown), "pending" (messages on their way).
 */
export class App extends EventTarget {
  /** @type {Map<string, Room>} those that were opened */
  #rooms = new Map();
  #outbox;
  #unread;
  #drafts;
  #activity;
  /** What was asked of the server and not answered yet, by the id of the question. @type {Map<string, Asked>} */
  #asked = new Map();
  /** The private room in which somebody else spoke last since the page is here. */
  #answerTo = "";
  /** @type {Socket} */
  #socket;
  /** The message that one is on the way to. */
  #goal = 0;
  /** Whether it was asked for without what comes after it. */
  #isAlone = false;
  #names;
  #greeted = false;
  #bootTitle;
  /** The room that the connection was asked to join as it was made. */
  #dialled = "";
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
    this.#bootTitle = { room: boot.room, title: boot.title };
    const storage = deviceStorage();
    const send = (/** @type {import("../net/protocol.js").Command} */ command) => this.#socket.send(command);
    const databases = deviceDatabases();
    const disk = databases && new Disk(databases, this.me.user);
    this.#outbox = new Outbox({ storage, disk, user: this.me.user, send, tab: tabName(), limit: boot.limits.message_length });
    this.#unread = new Unread(this.me, send);
    this.#ignore(boot.ignored ?? []);
    this.#drafts = new Drafts(storage, this.me.user);
    this.#activity = new Activity(send);
    this.#names = new Names(boot.names);
    /** Whether one keeps order in the chat. */
    this.moderator = Boolean(boot.moderator);
    /** Who said that they are away. */
    this.absent = new Absent();
    this.#socket = new Socket({ url: () => this.#address(), hasSession: () => sessionAt(location.pathname)() });
    /** The room that is shown. @type {Room} */
    this.current = this.#room(boot.room);
    this.current.facts.topic = boot.topic ?? "";

    this.absent.onChange = () => this.#tell("people");
    this.#outbox.onChange = () => this.#pending();
    this.#outbox.onRefused = (reason) => this.dispatchEvent(new CustomEvent("refused", { detail: reason }));
    this.#unread.onChange = () => this.#tell("rooms");
    this.#socket.onFrame = (frame) => this.#receive(frame);
    this.#socket.onState = (state) => this.#stateChanged(state);
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
    this.current.loaded = true;
    this.#pending();
    this.#socket.connect();
  }

  get state() {
    return this.#socket.state;
  }

  /** Why a moderator removed one, "" where nothing was said of it. */
  get reason() {
    return this.#socket.reason;
  }

  connect() {
    this.#socket.tryNow();
  }

  /** The person did something. @returns {boolean} whether that kept the connection from being closed */
  act() {
    return this.#activity.act();
  }

  // Rooms.

  /** @returns {RoomLink[]} */
  get rooms() {
    const current = this.current.name;
    const known = this.#unread.rooms;
    const all = known.some((room) => room.room === current) ? known : [{ room: current, unread: 0, mentions: 0, members: 0, muted: false, locked: false, joined: true }, ...known];
    return all.map(({ room, unread, mentions = 0, members, muted, locked, joined }) => ({
      name: room,
      title: this.titleOf(room),
      direct: room.startsWith("@"),
      members: room.startsWith("@") ? 0 : (members ?? 0),
      unread,
      mentions,
      muted: Boolean(muted),
      closed: room.startsWith("~"),
      locked: Boolean(locked),
      invited: room.startsWith("~") && joined === false && !locked,
      current: room === current,
    }));
  }

  /** Asks which rooms there are now. What the answer changes is told as "rooms". */
  askForRooms() {
    this.#socket.send({ type: "rooms" });
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
    const peer = peerOf(room, this.me.user);
    if (!peer) return titleOf(room);
    const listed = this.#unread.find(room)?.peer?.name;
    if (listed) return listed;
    for (const { people } of this.#rooms.values()) {
      const name = people.find(peer)?.name;
      if (name) return name;
    }
    return this.#bootTitle.room === room ? this.#bootTitle.title : "";
  }

  /** What a room is about. @param {string} room @returns {string} */
  topicOf(room) {
    const facts = this.#rooms.get(room)?.facts;
    return facts?.known || facts?.topic ? facts.topic : (this.#unread.find(room)?.topic ?? "");
  }

  /** @param {string} room */
  hrefOf(room) {
    return `/rooms/${room}`;
  }

  /** Shows a room, without leaving the one that was shown. @param {string} name @param {{ push?: boolean }} [how] */
  open(name, { push = true } = {}) {
    if (name === "" || name === this.current.name) return;
    if (this.#unread.find(name)?.locked) {
      this.dispatchEvent(new CustomEvent("locked", { detail: name }));
      return;
    }
    this.current.typing.clear();
    this.#goal = 0;
    this.recent = [this.current.name, ...this.recent.filter((other) => other !== this.current.name && other !== name)];
    this.current = this.#room(name);
    this.current.log.following = true;
    this.latest();
    this.#markUnread();
    if (push && history.state?.dialog) history.replaceState(null, "", this.hrefOf(name)); // its entry was a drawer's
    else if (push) history.pushState(null, "", this.hrefOf(name));
    if (!this.current.loaded) this.#socket.send(this.current.join());
    this.#askForPeer();
    for (const part of ["room", "log", "people", "typing", "facts", "rooms"]) this.#tell(part);
  }

  /** Comes into a room by its password, and shows it. @param {string} name @param {string} password @returns {Promise<void>} */
  async unlock(name, password) {
    const known = this.#rooms.has(name);
    this.#room(name);
    try {
      await this.ask({ type: "join", room: name, password });
    } catch (why) {
      if (!known) this.#rooms.delete(name);
      throw why;
    }
    this.open(name);
  }

  /** Shows the room before or after this one in the list. @param {1 | -1} by @param {boolean} unread only those with something unread */
  step(by, unread) {
    const rooms = this.rooms;
    const at = rooms.findIndex((room) => room.current);
    for (let i = 1; i < rooms.length; i++) {
      const room = rooms[(at + by * i + rooms.length * i) % rooms.length];
      if (unread && room.unread === 0) continue;
      this.open(room.name);
      return;
    }
  }

  /** Whether a room can be left while staying in the chat. @param {string} room */
  canLeave(room) {
    return room !== LOBBY && !room.startsWith("@");
  }

  /** @param {string} room */
  leaveRoom(room) {
    if (room === this.current.name) this.open(LOBBY);
    this.#rooms.delete(room);
    this.#socket.send({ type: "leave", room });
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

  /** Forgets what was being written in a room. @param {string} room */
  dropDraft(room) {
    this.#drafts.set(room, "");
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
   * @returns {boolean} whether it is kept on the device until it is sent
   */
  send(text, more = {}) {
    const { name, log, typing } = this.current;
    this.#outbox.add({ room: name, text, ...more });
    this.#drafts.set(name, "");
    typing.sent();
    log.markUnread(-1);
    this.#tell("sent");
    return this.#outbox.kept;
  }

  /**
   * Changes a message of the room that is shown: it waits to be sent like a message, and shows at once.
   * @param {Parameters<Outbox["change"]>[0]} change
   * @param {import("../model/log.js").Message} message
   */
  change(change, { seq = 0 }) {
    this.#outbox.change(change, { room: this.current.name, of: seq });
  }

  /** What a user goes by, as far as the page has heard; oneself is "You". @param {string} user @returns {string} */
  nameOf(user) {
    return user === this.me.user ? this.words.say("js.message.you") : this.#names.of(user);
  }

  /** Goes to a message of the room that is shown, wherever it stands: "found" says that it is here, "lost" that there is none. @param {number} seq */
  goTo(seq) {
    this.#goal = seq;
    this.#isAlone = false;
    if (this.current.loaded) this.#ask(this.current.log.around(seq));
  }

  /** @param {string} room @param {number} seq @param {boolean} isThere */
  #came(room, seq, isThere) {
    if (room !== this.current.name || seq !== this.#goal) return;
    if (!isThere && !this.#isAlone) { // what comes after it may be too long to come along
      this.#isAlone = true;
      this.#ask(this.current.log.around(seq, true));
      return;
    }
    this.#goal = 0;
    this.dispatchEvent(new CustomEvent(isThere ? "found" : "lost", { detail: seq }));
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
    if (command && !this.#socket.send(command)) this.current.log.disconnected(); // asked again when there is a connection
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
    return this.current.log.countNew(seq, this.ignored);
  }

  // People.

  /** Everybody whom the page knows of, each once. @returns {import("../net/protocol.js").Person[]} */
  known() {
    /** @type {Map<string, import("../net/protocol.js").Person>} */
    const known = new Map();
    for (const { peer } of this.#unread.rooms) if (peer) known.set(peer.user, peer);
    for (const { people } of this.#rooms.values()) for (const person of people.list) known.set(person.user, person);
    return [...known.values()];
  }

  /** The private room in which somebody else spoke last, "" where there is none. */
  get answerTo() {
    return this.#answerTo || (this.#unread.rooms.find(({ peer }) => peer)?.room ?? "");
  }

  /** Whether the other one of a private room is away is told in rooms that both are in, if there is any. */
  #askForPeer() {
    if (this.current.peer) this.#socket.send({ type: "whois", user: this.current.peer });
  }

  /** Whom one ignores, and how they are called. @returns {Map<string, string>} */
  get ignored() {
    return this.#unread.ignored;
  }

  /** @param {readonly import("../net/protocol.js").Person[]} people */
  #ignore(people) {
    this.#unread.ignored = new Map(people.map(({ user, name }) => [user, name]));
    for (const part of ["log", "people"]) this.#tell(part);
  }

  // The connection.

  /** Opens a dialog of the page. @param {string} id */
  show(id) {
    this.dispatchEvent(new CustomEvent("dialog", { detail: id }));
  }

  /**
   * Asks the server for what it answers by the id of the question.
   * @param {any} command without an id
   * @returns {Promise<any>} the frame that answers; it fails with what a person can be told
   */
  ask(command) {
    return new Promise((answer, refuse) => {
      const id = makeId();
      if (this.#socket.send({ ...command, id })) this.#asked.set(id, { type: command.type, answer, refuse });
      else refuse(new Error(this.words.say("js.slash.offline")));
    });
  }

  /** Gives an answer to who asked. @param {Frame} frame @returns {boolean} whether it was one */
  #answered(frame) {
    let id = "id" in frame ? (frame.id ?? "") : "";
    if (frame.type === "welcome") id = [...this.#asked].find(([, { type }]) => type === "nick")?.[0] ?? ""; // which says the new name
    const asked = this.#asked.get(id);
    if (!asked) return false;
    this.#asked.delete(id);
    if (frame.type === "error") asked.refuse(Object.assign(new Error(frame.message), { code: frame.code, wait: frame.retry_after_ms }));
    else asked.answer(frame);
    return frame.type === "error" || frame.type === "rooms"; // a list that was asked for is another one: of the archived
  }

  #address() {
    this.#dialled = this.current.name;
    return socketUrl(location, this.current.name, this.current.loaded ? this.current.log.last : -1);
  }

  /** @param {import("../net/socket.js").State} state */
  #stateChanged(state) {
    if (state.name !== "open") {
      this.#outbox.pause();
      for (const room of this.#rooms.values()) room.disconnected();
      for (const { refuse } of this.#asked.values()) refuse(new Error(this.words.say("js.slash.offline")));
      this.#asked.clear();
    }
    this.#tell("state");
  }

  /** @param {Frame} frame */
  #receive(frame) {
    this.#activity.receive(frame);
    if (this.#answered(frame)) return;
    this.absent.receive(frame);
    const isInVain = "user" in frame && this.ignored.has(frame.user);
    if (frame.type === "typing" && isInVain) return;
    if (frame.type === "ignored") {
      this.#ignore(frame.people);
      this.askForRooms(); // in which less or more is unread now
    }
    if (frame.type === "message" && frame.user !== this.me.user && !isInVain && peerOf(frame.room, this.me.user)) this.#answerTo = frame.room;
    const isNews = frame.type === "message" && frame.room === this.current.name && frame.seq > this.current.log.last;
    this.#names.receive(frame);
    if ("room" in frame) this.#rooms.get(frame.room)?.receive(frame);
    this.#unread.receive(frame);
    this.#noteFact(frame);
    this.#outbox.receive(frame);
    if (frame.type === "message" && !isInVain) this.dispatchEvent(new CustomEvent("heard", { detail: frame }));
    if (isNews && frame.user !== this.me.user && !isInVain) this.dispatchEvent(new CustomEvent("spoke", { detail: frame }));
    if (frame.type === "welcome") this.#welcomed(frame);
    else if (frame.type === "idle_warning") this.dispatchEvent(new CustomEvent("warning", { detail: frame.seconds }));
    else if (frame.type === "joined" && frame.room === this.current.name) {
      this.#tell("room");
      if (this.#goal) this.goTo(this.#goal);
    }
    else if (frame.type === "error" && frame.id) this.#olderRefused(frame.id, frame.retry_after_ms);
    else if (frame.type === "error") this.current.log.note(frame.message, new Date().toISOString());
  }

  /** Says in the log what somebody did to the room. @param {Frame} frame */
  #noteFact(frame) {
    if (frame.type === "invitation") {
      this.askForRooms();
      if (!this.ignored.has(frame.user)) this.note(this.words.say("js.log.invitation", { name: isolate(frame.name), room: this.titleOf(frame.room) }));
    }
    if (frame.type === "archived") {
      const words = frame.on ? "js.log.archived" : "js.log.unarchived";
      this.#rooms.get(frame.room)?.log.note(this.words.say(words, { name: isolate(frame.name) }), frame.time);
      this.askForRooms();
    }
    if (frame.type !== "topic" && frame.type !== "pinned") return;
    const name = isolate(frame.name);
    const change = frame.type === "topic" ? (frame.text ? "js.log.topic" : "js.log.no_topic") : frame.on ? "js.log.pinned" : "js.log.unpinned";
    const text = frame.type === "topic" ? isolate(frame.text) : "";
    this.#rooms.get(frame.room)?.log.note(this.words.say(change, { name, text }), frame.time);
  }

  /** Older messages can't be had just now: asks again after a while. @param {string} id @param {number} [wait] milliseconds */
  #olderRefused(id, wait = OLDER_AGAIN) {
    const room = [...this.#rooms.values()].find(({ log }) => log.isAsking(id));
    if (!room) return;
    setTimeout(() => {
      room.log.askAgain(); // the log is drawn, and asks where it still lacks something
      if (this.#goal) this.goTo(this.#goal);
    }, wait);
  }

  /** @param {import("../net/protocol.js").Welcome} frame */
  #welcomed(frame) {
    this.me.name = frame.name;
    this.#ignore(frame.ignored ?? []);
    this.moderator = Boolean(frame.moderator);
    this.#outbox.limit = frame.limits.message_length;
    this.fileBytes = frame.limits.file_bytes;
    this.idleSeconds = frame.idle_seconds;
    this.#markUnread();
    if (!this.#greeted) {
      this.#greeted = true;
      const words = this.current.peer ? "js.log.welcome.private" : "js.log.welcome";
      this.current.log.note(this.words.say(words, { name: frame.name, room: this.titleOf(this.current.name) }), frame.time);
    }
    for (const { room, joined, peer, last } of frame.rooms) {
      if (joined && !peer && !this.#rooms.has(room)) this.#socket.send({ type: "join", room, since: last });
    }
    for (const room of this.#rooms.values()) {
      if (room.name !== this.#dialled) this.#socket.send(room.join());
    }
    this.#askForPeer();
    this.#outbox.resume();
    this.#tell("welcome");
  }

  /** The line above what is new stands after what was read; in a room that one has never read it would say nothing. */
  #markUnread() {
    const room = this.#unread.find(this.current.name);
    if (room && room.unread > 0 && room.read > 0) this.current.log.markUnread(room.read);
  }

  #pending() {
    for (const [name, room] of this.#rooms) room.log.setPending(this.#outbox.in(name));
    this.#tell("pending");
  }

  /** A room, opened if it wasn't. @param {string} name @returns {Room} */
  #room(name) {
    let room = this.#rooms.get(name);
    if (room) return room;
    room = new Room(name, this.me, (command) => this.#socket.send(command));
    this.#rooms.set(name, room);
    const tell = (/** @type {string} */ part) => () => {
      if (this.current.name === name) this.#tell(part);
    };
    room.log.setPending(this.#outbox.in(name));
    room.log.onChange = (isNews) => tell(isNews ? "news" : "log")();
    room.log.onAround = (seq, isThere) => this.#came(name, seq, isThere);
    room.people.onChange = tell("people");
    room.typing.onChange = tell("typing");
    room.facts.onChange = tell("facts");
    return room;
  }

  /** @param {string} part */
  #tell(part) {
    this.dispatchEvent(new Event(part));
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
