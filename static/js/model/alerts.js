import { peerOf } from "../net/protocol.js";

/** What one is told of in a room, by a sound or a notification. @typedef {"all" | "mentions" | "nothing"} Level */
/** Storage as far as this needs it. @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Kept */

const LEVELS = "parley:levels";

/**
 * What this device is told of. Nothing of a muted room, which the server keeps for all devices; and less than all where that was chosen
 * here. It is read from the storage when it is asked for, so that all tabs and scripts agree.
 */
export class Alerts {
  #storage;

  /** @param {Kept | null} storage */
  constructor(storage) {
    this.#storage = storage;
  }

  /** @param {string} room @param {boolean} muted @returns {Level} */
  level(room, muted) {
    if (muted) return "nothing";
    return this.#levels()[room] === "mentions" ? "mentions" : "all";
  }

  /** @param {string} room @param {Level} level */
  choose(room, level) {
    const levels = this.#levels();
    if (level === "mentions") levels[room] = level;
    else delete levels[room];
    this.#keep(LEVELS, Object.keys(levels).length > 0 ? JSON.stringify(levels) : "");
  }

  /** @param {"sound" | "notifications"} what */
  isOn(what) {
    return this.#read(`parley:${what}`) === "on";
  }

  /** @param {"sound" | "notifications"} what @param {boolean} on */
  turn(what, on) {
    this.#keep(`parley:${what}`, on ? "on" : "");
  }

  /**
   * Whether somebody is told of a message.
   * @param {import("../net/protocol.js").Message} message
   * @param {{ user: string, muted: boolean, seen: boolean }} how who is told, and whether they look at the room's end now
   */
  tells(message, { user, muted, seen }) {
    if (message.user === user || seen) return false;
    const level = this.level(message.room, muted);
    return level === "all" || (level === "mentions" && means(message, user));
  }

  /** @returns {Record<string, Level>} */
  #levels() {
    try {
      const levels = JSON.parse(this.#read(LEVELS) || "{}");
      return levels && typeof levels === "object" ? levels : {};
    } catch {
      return {};
    }
  }

  /** @param {string} key */
  #read(key) {
    return this.#storage?.getItem(key) ?? "";
  }

  /** @param {string} key @param {string} value */
  #keep(key, value) {
    try {
      if (value === "") this.#storage?.removeItem(key);
      else this.#storage?.setItem(key, value);
    } catch {
      // A full or forbidden storage: the choice lasts as long as it is remembered elsewhere, which is not at all.
    }
  }
}

/** Whether a message means somebody: by their name, with everybody who was there, or because it was written to them alone. @param {import("../net/protocol.js").Message} message @param {string} user */
function means(message, user) {
  const { room, mentions, here } = /** @type {{ room: string, mentions?: string[], here?: boolean }} */ (message);
  return Boolean(here) || Boolean(mentions?.includes(user)) || peerOf(room, user) !== "";
}
