// What goes over the WebSocket in the json dialect, as docs/protocol.md says. Times are the server's: RFC 3339, UTC, milliseconds.

/** @typedef {{ user: string, name: string }} Person */
/** @typedef {{ emoji: string, users: string[] }} Reaction */
/** What an answer shows of what it answers: its author and first line. @typedef {{ user: string, name: string, text: string, deleted?: boolean }} Quote */
/**
 * A room in a list. `peer` is the other one of a private room. `unread` counts to 100, and `mentions` are those that mean oneself. `muted`: one doesn't want to be told of it.
 * @typedef {{ room: string, last: number, read: number, unread: number, mentions?: number, joined?: boolean, members?: number,
 *   peer?: Person, topic?: string, muted?: boolean, locked?: boolean, archived?: boolean, inviter?: Person }} Room
 */
/**
 * 0 means no limit. `files`: of a message.
 * @typedef {{ message_length: number, history: number, rate_messages: number, rate_burst: number, files: number, file_bytes: number }} Limits
 */

/**
 * A file of a message. `width` and `height` are those of a picture, `thumb` is a small one of it. Without `url` it was removed by age.
 * @typedef {{ id: string, name: string, type: string, size: number, width?: number, height?: number, url?: string, thumb?: string }} StoredFile
 */

/**
 * A message as it is now. `edited` and `deleted` are the seq of what changed it last; `id` is the sender's own.
 * @typedef {{ type: "message", room: string, seq: number, id?: string, user: string, name: string, text: string, html: string,
 *   time: string, reply_to?: number, quote?: Quote, edited?: number, deleted?: number, reactions?: Reaction[], files?: StoredFile[],
 *   mentions?: string[], here?: boolean }} Message
 */
/**
 * @typedef {{ type: "edited", room: string, seq: number, of: number, id?: string, user: string, name: string, text: string, html: string,
 *   time: string, mentions?: string[], here?: boolean }} Edited
 */
/** @typedef {{ type: "deleted", room: string, seq: number, of: number, user: string, name: string, time: string }} Deleted */
/**
 * @typedef {{ type: "reaction", room: string, seq: number, of: number, user: string, name: string, emoji: string, on: boolean,
 *   time: string }} Reacted
 */
/** The room has another topic. @typedef {{ type: "topic", room: string, seq: number, of?: undefined, id?: string, user: string, name: string, text: string, time: string }} Topic */
/** A message is pinned, or no more. @typedef {{ type: "pinned", room: string, seq: number, of: number, user: string, name: string, on: boolean, time: string }} Pinned */
/** What changes a message, or the room. @typedef {Edited | Deleted | Reacted | Topic | Pinned} Change */

/**
 * @typedef {{ type: "welcome", user: string, name: string, rooms: Room[], limits: Limits, idle_seconds: number, ignored?: Person[], moderator?: boolean, time: string }} Welcome
 */
/**
 * Everything after `since`, or the latest messages. `truncated`: too much was missed, these are only the latest. `count`: so many
 * are there that `members` are only some of them.
 * @typedef {{ type: "joined", room: string, last: number, members: Person[], away?: Away, count?: number, messages: Message[], changes?: Change[],
 *   truncated?: boolean, more?: boolean, topic?: string, pins?: number[], archived?: boolean,
 *   id?: string }} Joined
 */
/** @typedef {{ type: "history", id?: string, room: string, messages: Message[], more: boolean }} History */
/** A message that was found. In `snippet`, what was not looked for and what was take turns. @typedef {Person & { room: string, seq: number, time: string, snippet: string[], files?: string[] }} Hit */
/** @typedef {{ type: "found", id?: string, hits: Hit[], before: string, behind: boolean }} Found */
/** @typedef {{ type: "mentions", id?: string, hits: Hit[], before: string }} Meant */
/** @typedef {{ type: "search", room?: string, query: string, before?: string, limit?: number } | { type: "mentions", before?: string, limit?: number }} Question */
/** @typedef {{ type: "ack", id: string, room: string, seq: number, time: string }} Ack */
/**
 * @typedef {{ type: "presence", room: string, event: "join" | "leave" | "rename" | "away" | "back", user: string, name: string, was?: string, text?: string,
 *   time: string }} Presence
 */
/** Who somebody is. @typedef {{ type: "whois", id?: string, user: string, name: string, here: boolean, since?: string, away?: { text?: string, since: string }, moderator?: boolean, barred?: string, in: string[] }} Whois */
/** Whom one ignores. @typedef {{ type: "ignored", id?: string, people: Person[] }} Ignored */
/** @typedef {{ type: "typing", room: string, user: string, name: string }} Typing */
/** How far one has read, in any of one's tabs. @typedef {{ type: "read", room: string, seq: number }} Read */
/** @typedef {{ type: "left", room: string }} Left */
/** The messages that are pinned, the latest pinned first. @typedef {{ type: "pins", id?: string, room: string, messages: Message[], more: boolean }} Pins */
/** @typedef {{ type: "created", id?: string, room: string }} Created */
/** @typedef {{ type: "invited", id?: string, room: string, user: string, name: string }} Invited */
/** Somebody asks one into a room. @typedef {{ type: "invitation", room: string, user: string, name: string, time: string }} Invitation */
/** Somebody has archived the room, or opened it again. @typedef {{ type: "archived", room: string, on: boolean, user: string, name: string, time: string }} Archived */
/** @typedef {{ type: "removed", id?: string, room: string, user: string, name: string }} Removed */
/** Somebody has taken one out of a room. @typedef {{ type: "removal", room: string, user: string, name: string, time: string }} Removal */
/** Somebody who was let into a closed room. @typedef {Person & { role: string }} Insider */
/** @typedef {{ type: "about", id?: string, room: string, role: string, archived: boolean, insiders?: Insider[] }} About */
/** @typedef {{ type: "muted", id?: string, room: string, on: boolean }} Muted */
/** @typedef {{ type: "rooms", id?: string, rooms: Room[] }} Rooms */
/** Those of some members who are away. @typedef {{ user: string, text?: string, since: string }[]} Away */
/** @typedef {{ type: "members", room: string, members: Person[], away?: Away }} Members */
/** So many are there that nobody is told of each who comes and goes; with `members` they are fewer again, and everybody is. @typedef {{ type: "crowd", room: string, count: number, members?: Person[], away?: { user: string, text?: string, since: string }[], back?: string[] }} Crowd */
/** @typedef {{ type: "idle_warning", seconds: number }} IdleWarning */
/** @typedef {{ type: "pong", time: string }} Pong */
/** @typedef {{ type: "error", id?: string, code: string, message: string, retry_after_ms?: number }} Refusal */

/**
 * @typedef {Welcome | Joined | History | Message | Change | Ack | Presence | Typing | Whois | Ignored | Read | Left | Rooms | Members | Crowd | IdleWarning |
 *   Created | Invited | Invitation | Removed | Removal | Archived | About | Pins | Muted | Pong | Refusal | Found | Meant} Frame
 */

/**
 * What the page sends.
 * @typedef {{ type: "send", id: string, room?: string, to?: string, text: string, reply_to?: number, files?: string[] }
 *   | { type: "join", id?: string, room: string, since?: number, password?: string }
 *   | { type: "leave", room: string }
 *   | { type: "history", id?: string, room: string, before: number, limit?: number }
 *   | { type: "edit", id: string, room: string, of: number, text: string }
 *   | { type: "delete", id: string, room: string, of: number }
 *   | { type: "react", id: string, room: string, of: number, emoji: string, on: boolean }
 *   | { type: "topic", id?: string, room: string, text: string }
 *   | { type: "pin", id?: string, room: string, of: number, on: boolean }
 *   | { type: "pins", id?: string, room: string }
 *   | { type: "create", id?: string, name: string, entry: string, password?: string }
 *   | { type: "invite", id?: string, room: string, name: string }
 *   | { type: "archive", id?: string, room: string, on: boolean }
 *   | { type: "remove", id?: string, room: string, user?: string, name?: string }
 *   | { type: "password", id?: string, room: string, password: string }
 *   | { type: "about", id?: string, room: string }
 *   | { type: "mute", id?: string, room: string, on: boolean }
 *   | { type: "read", room: string, seq: number }
 *   | { type: "typing", room: string }
 *   | { type: "nick", id: string, name: string }
 *   | { type: "members", room: string }
 *   | (Question & { id: string })
 *   | { type: "away", id?: string, text: string } | { type: "back", id?: string }
 *   | { type: "whois", id?: string, user?: string, name?: string }
 *   | { type: "kick" | "ban" | "unban", id?: string, user?: string, name?: string, text?: string, seconds?: number }
 *   | { type: "ignore", id?: string, user?: string, name?: string, on: boolean }
 *   | { type: "rooms", id?: string, archived?: boolean } | { type: "active" } | { type: "ping" }} Command
 */

/** Why the server closed a connection. */
export const closed = Object.freeze({
  goingAway: 1001,
  flooding: 1008,
  idle: 4000,
  removed: 4001,
  tooSlow: 4003,
  sessionEnded: 4004,
});

/** A frame of the server, or null for what isn't one. A type that this page doesn't know is a frame all the same. @param {unknown} text @returns {Frame | null} */
export function parse(text) {
  if (typeof text !== "string") return null;
  try {
    const frame = JSON.parse(text);
    return frame !== null && typeof frame === "object" && typeof frame.type === "string" ? frame : null;
  } catch {
    return null;
  }
}

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

/** A new client id: 120 random bits in 20 characters. crypto.randomUUID isn't there on plain HTTP. */
export function makeId() {
  let id = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(20))) id += alphabet[byte & 63];
  return id;
}

/**
 * The address of the socket of a page.
 * @param {{ protocol: string, host: string }} location
 * @param {string} room
 * @param {number} since the highest seq that the page's log has; below 0 asks for the latest messages
 */
export function socketUrl(location, room, since) {
  const query = new URLSearchParams({ dialect: "json", room });
  if (since >= 0) query.set("since", String(since));
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws?${query}`;
}

/** The private room of two users, the same whichever of them asks. @param {string} a @param {string} b */
export function directRoom(a, b) {
  return a < b ? `@${a}.${b}` : `@${b}.${a}`;
}

/** The other user of a private room, "" for any other room. @param {string} room @param {string} me */
export function peerOf(room, me) {
  if (!room.startsWith("@")) return "";
  const [a, b] = room.slice(1).split(".");
  return (a === me ? b : a) ?? "";
}

/** How people call a room: ~team.k7x2m9qa is team. Of a private room it says nothing. @param {string} room */
export function titleOf(room) {
  return room.replace(/^~/, "").replace(/\..*$/, "");
}
