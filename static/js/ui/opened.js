import { peerOf, titleOf } from "../net/protocol.js";
import { Room } from "./room.js";

/**
 * A room as the list shows it.
 * @typedef {{ name: string, title: string, direct: boolean, members: number, unread: number, mentions: number, muted: boolean,
 *   closed: boolean, locked: boolean, inviter: string,
 *   current: boolean }} RoomLink
 */
/** @typedef {import("../net/protocol.js").Person} Person */

/** The rooms that were opened in the page, and what is known of those that weren't. */
export class Opened {
  #me;
  #unread;
  #served;
  #begin;
  /** @type {Map<string, Room>} */
  #rooms = new Map();

  /**
   * @param {Person} me
   * @param {import("../model/unread.js").Unread} unread
   * @param {{ room: string, title: string }} served what the server called the room that the page came with
   * @param {(command: import("../net/protocol.js").Command) => boolean} send
   * @param {(room: Room) => void} onOpen a room begins
   */
  constructor(me, unread, served, send, onOpen) {
    this.#me = me;
    this.#unread = unread;
    this.#served = served;
    this.#begin = (/** @type {string} */ name) => {
      const room = new Room(name, me, send);
      this.#rooms.set(name, room);
      onOpen(room);
      return room;
    };
  }

  /** @returns {Room[]} */
  get all() {
    return [...this.#rooms.values()];
  }

  /** @param {string} name */
  has(name) {
    return this.#rooms.has(name);
  }

  /** @param {string} name @returns {Room | undefined} */
  find(name) {
    return this.#rooms.get(name);
  }

  /** A room, opened if it wasn't. @param {string} name @returns {Room} */
  open(name) {
    return this.#rooms.get(name) ?? this.#begin(name);
  }

  /** @param {string} name */
  forget(name) {
    this.#rooms.delete(name);
  }

  /** All rooms of one's own, as a list shows them. @param {string} current the one that is shown @returns {RoomLink[]} */
  links(current) {
    const known = this.#unread.rooms;
    /** @type {import("../net/protocol.js").Room} */
    const missing = { room: current, last: 0, read: 0, unread: 0, mentions: 0, members: 0, muted: false, locked: false, joined: true };
    const all = known.some((room) => room.room === current) ? known : [missing, ...known];
    return all.map(({ room, unread, mentions = 0, members, muted, locked, inviter }) => ({
      name: room,
      title: this.titleOf(room),
      direct: room.startsWith("@"),
      members: room.startsWith("@") ? 0 : (members ?? 0),
      unread,
      mentions,
      muted: Boolean(muted),
      closed: room.startsWith("~"),
      locked: Boolean(locked),
      inviter: inviter?.name ?? "",
      current: room === current,
    }));
  }

  /**
   * The room before or after another one in the list, around its ends.
   * @param {string} room @param {1 | -1} by @param {boolean} unread only those with something unread
   * @returns {string} "" for none
   */
  beside(room, by, unread) {
    const all = this.links(room);
    const at = all.findIndex((link) => link.current);
    const others = [...all.slice(at + 1), ...all.slice(0, at)];
    if (by < 0) others.reverse();
    return others.find((other) => !unread || other.unread > 0)?.name ?? "";
  }

  /**
   * The line above what is new stands after what was read; in a room that one has never read it would say nothing.
   * @param {Room} room
   */
  markUnread({ name, log }) {
    const known = this.#unread.find(name);
    if (known && known.unread > 0 && known.read > 0) log.markUnread(known.read);
  }

  /** A room's name as people know it: of a private room, the other one's. @param {string} room @returns {string} */
  titleOf(room) {
    const peer = peerOf(room, this.#me.user);
    if (!peer) return titleOf(room);
    const listed = this.#unread.find(room)?.peer?.name;
    if (listed) return listed;
    for (const { people } of this.#rooms.values()) {
      const name = people.find(peer)?.name;
      if (name) return name;
    }
    return this.#served.room === room ? this.#served.title : "";
  }

  /** What a room is about. @param {string} room @returns {string} */
  topicOf(room) {
    const facts = this.#rooms.get(room)?.facts;
    return facts?.known || facts?.topic ? facts.topic : (this.#unread.find(room)?.topic ?? "");
  }

  /** Everybody who is known from any of them, each once. @returns {Person[]} */
  people() {
    /** @type {Map<string, Person>} */
    const known = new Map();
    for (const { peer } of this.#unread.rooms) if (peer) known.set(peer.user, peer);
    for (const { people } of this.#rooms.values()) for (const person of people.list) known.set(person.user, person);
    return [...known.values()];
  }
}
