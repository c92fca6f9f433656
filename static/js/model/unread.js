import { clock as browserClock } from "../lib/clock.js";
import { peerOf } from "../net/protocol.js";

/** @typedef {import("../net/protocol.js").Room} Room */
/** Whom one ignores, by their ids. @typedef {{ has: (user: string) => boolean }} Ignored */

/** Where counting stops; "99+" is shown from there on. */
const MOST = 100;
/** How often the server is told how far one has read. Milliseconds. */
const EVERY = 1000;

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/**
 * The rooms of a user, with what they have not read in each. What the server counted is the base; what comes after is counted here
 * by seq, so that nothing counts twice.
 */
export class Unread {
  /** @type {() => void} */
  onChange = () => {};
  /** Whom one ignores: what they say is never unread. @type {Map<string, string>} */
  ignored = new Map();

  #me;
  #send;
  #clock;
  /** @type {Map<string, Counted>} */
  #rooms = new Map();
  #toldAt = -Infinity;
  #timer = /** @type {any} */ (null);

  /**
   * @param {import("../net/protocol.js").Person} me
   * @param {(command: import("../net/protocol.js").Command) => boolean} send
   * @param {import("../lib/clock.js").Clock} [clock]
   */
  constructor(me, send, clock = browserClock) {
    this.#me = me;
    this.#send = send;
    this.#clock = clock;
  }

  /** The lobby, then the public rooms, then the private ones, each by name. @returns {Room[]} */
  get rooms() {
    const rank = (/** @type {Room} */ room) => (room.room === "lobby" ? 0 : room.peer ? 2 : 1);
    return [...this.#rooms.values()]
      .map((counted) => counted.room)
      .sort((a, b) => rank(a) - rank(b) || collator.compare(a.peer?.name ?? a.room, b.peer?.name ?? b.room));
  }

  /** Everything unread, for the title, and rooms that one is asked into. What is in muted rooms doesn't count. */
  get total() {
    return this.rooms.reduce((sum, room) => sum + (room.muted ? 0 : room.unread + (room.inviter ? 1 : 0)), 0);
  }

  /** How many unread messages mean oneself. */
  get mentions() {
    return this.rooms.reduce((sum, room) => sum + (room.muted ? 0 : (room.mentions ?? 0)), 0);
  }

  /** @param {string} room @returns {Room | undefined} */
  find(room) {
    return this.#rooms.get(room)?.room;
  }

  /** @param {import("../net/protocol.js").Frame} frame */
  receive(frame) {
    switch (frame.type) {
      case "welcome":
      case "rooms":
        this.#replace(frame.rooms);
        break;
      case "joined":
        this.#joined(frame);
        break;
      case "left":
        this.#left(frame.room);
        break;
      case "message":
        this.#said(this.#of(frame.room, frame), frame);
        break;
      case "edited":
      case "deleted":
      case "reaction":
      case "pinned":
        this.#rooms.get(frame.room)?.event(frame.seq);
        return;
      case "topic":
        this.#rooms.get(frame.room)?.event(frame.seq);
        this.#set(frame.room, { topic: frame.text });
        break;
      case "removal":
        this.#rooms.delete(frame.room);
        break;
      case "muted":
        this.#set(frame.room, { muted: frame.on });
        break;
      case "read":
        this.#rooms.get(frame.room)?.readTo(frame.seq);
        break;
      case "crowd":
        this.#crowd(frame);
        break;
      case "presence":
        this.#presence(frame);
        break;
      default:
        return;
    }
    this.onChange();
  }

  /** One looks at the end of a room and has seen everything up to `seq`. @param {string} room @param {number} seq */
  read(room, seq) {
    const counted = this.#rooms.get(room);
    if (!counted || seq <= counted.room.read) return;
    counted.readTo(seq);
    counted.untold = true;
    this.#tell();
    this.onChange();
  }

  #tell() {
    this.#clock.clearTimeout(this.#timer);
    this.#toldAt = Math.min(this.#toldAt, this.#clock.now()); // the device's clock may be set back
    const wait = this.#toldAt + EVERY - this.#clock.now();
    if (wait > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#tell(), wait);
      return;
    }
    for (const counted of this.#rooms.values()) {
      if (!counted.untold) continue;
      counted.untold = !this.#send({ type: "read", room: counted.room.room, seq: counted.room.read });
      if (!counted.untold) this.#toldAt = this.#clock.now();
    }
  }

  /** @param {Room[]} rooms */
  #replace(rooms) {
    const before = this.#rooms;
    this.#rooms = new Map();
    for (const room of rooms) {
      const counted = new Counted(room);
      const known = before.get(room.room);
      this.#rooms.set(room.room, counted);
      if (!known || known.room.read <= room.read || known.room.read > room.last) continue;
      counted.readTo(known.room.read); // the server hasn't heard it yet
      counted.untold = true;
    }
    this.#tell();
  }

  /** @param {import("../net/protocol.js").Joined} frame */
  #joined(frame) {
    const counted = this.#rooms.get(frame.room) ?? this.#begin(frame.room, frame.last, frame.members);
    for (const message of frame.messages) this.#said(counted, message);
    counted.event(frame.last);
    counted.room = { ...counted.room, joined: true, members: frame.count ?? frame.members.length, topic: frame.topic, locked: false, inviter: undefined };
  }

  /** @param {Counted} counted @param {import("../net/protocol.js").Message} message */
  #said(counted, message) {
    if (this.ignored.has(message.user)) counted.event(message.seq);
    else counted.message(message, this.#me.user);
  }

  /** @param {string} name @param {Partial<Room>} what */
  #set(name, what) {
    const counted = this.#rooms.get(name);
    if (counted) counted.room = { ...counted.room, ...what };
  }

  /** @param {string} room */
  #left(room) {
    const counted = this.#rooms.get(room);
    if (!counted) return;
    counted.readTo(counted.room.last);
    counted.room = { ...counted.room, joined: false, members: Math.max(0, (counted.room.members ?? 0) - 1) };
  }

  /** @param {import("../net/protocol.js").Crowd} frame */
  #crowd({ room, count }) {
    const counted = this.#rooms.get(room);
    if (counted) counted.room = { ...counted.room, members: count };
  }

  /** @param {import("../net/protocol.js").Presence} frame */
  #presence({ room, event, user, name }) {
    const counted = this.#rooms.get(room);
    const by = event === "join" ? 1 : event === "leave" ? -1 : 0;
    if (counted?.room.members !== undefined) counted.room = { ...counted.room, members: Math.max(0, counted.room.members + by) };
    if (event !== "rename") return;
    for (const other of this.#rooms.values()) {
      if (other.room.peer?.user === user) other.room = { ...other.room, peer: { user, name } };
    }
  }

  /** A room, also one that the list has not got yet: a first private message begins one. @param {string} name @param {import("../net/protocol.js").Message} message */
  #of(name, message) {
    const counted = this.#rooms.get(name) ?? this.#begin(name, message.seq - 1, [message]);
    if (counted.room.peer?.user === message.user) counted.room = { ...counted.room, peer: { user: message.user, name: message.name } };
    return counted;
  }

  /** A room of which everything up to `last` is old. @param {string} name @param {number} last @param {import("../net/protocol.js").Person[]} people who may be the peer */
  #begin(name, last, people) {
    /** @type {Room} */
    const room = { room: name, last, read: last, unread: 0, joined: true };
    const peer = peerOf(name, this.#me.user);
    if (peer) room.peer = { user: peer, name: people.find((person) => person.user === peer)?.name ?? "" };
    const counted = new Counted(room);
    this.#rooms.set(name, counted);
    return counted;
  }
}

/** One room and its count. */
class Counted {
  /** Whether the server has yet to hear how far it is read. */
  untold = false;
  /** How far the server's count goes, and the count. */
  #base;
  #baseLast;
  /** @type {number[]} seqs of others' messages after that */
  #since = [];
  /** The same of those that mean oneself. */
  #baseMeant;
  /** @type {number[]} */
  #meant = [];

  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.#base = this.room.unread;
    this.#baseMeant = this.room.mentions ?? 0;
    this.#baseLast = room.last;
  }

  /** @param {import("../net/protocol.js").Message} message @param {string} me */
  message({ seq, user, deleted, mentions, here }, me) {
    if (seq <= this.room.last) return;
    this.event(seq);
    if (user === me || deleted || seq <= this.room.read) return;
    this.#since.push(seq);
    if (this.#since.length > MOST) this.#since.shift();
    if (here || mentions?.includes(me)) this.#meant.push(seq);
    if (this.#meant.length > MOST) this.#meant.shift();
    this.#count();
  }

  /** @param {number} seq */
  event(seq) {
    if (seq > this.room.last) this.room = { ...this.room, last: seq };
  }

  /** @param {number} seq */
  readTo(seq) {
    if (seq <= this.room.read) return;
    this.room = { ...this.room, read: seq };
    // How many of the base are read can't be known; not more than there are events left are unread.
    this.#base = Math.max(0, Math.min(this.#base, this.#baseLast - seq));
    this.#since = this.#since.filter((other) => other > seq);
    this.#baseMeant = Math.min(this.#baseMeant, this.#base);
    this.#meant = this.#meant.filter((other) => other > seq);
    this.#count();
  }

  #count() {
    const unread = Math.min(MOST, this.#base + this.#since.length);
    this.room = { ...this.room, unread, mentions: Math.min(MOST, this.#baseMeant + this.#meant.length) };
  }
}
