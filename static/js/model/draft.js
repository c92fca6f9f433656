/** @typedef {import("./message.js").Message} Message */
/**
 * A message that one has begun to answer or to edit, as it was then; `text` is what an edit makes of it so far. The draft of the room stays
 * beside an edit.
 * @typedef {{ kind: "reply" | "edit", message: Message, text: string }} Begun
 */

/** What one has written and not sent, per room, kept on this device; where the browser keeps nothing, as long as the page stands. */
export class Drafts {
  #storage;
  #user;
  /** What was set since the page is here, by key. @type {Map<string, string>} */
  #set = new Map();

  /** @param {Storage | null} storage @param {string} user */
  constructor(storage, user) {
    this.#storage = storage;
    this.#user = user;
  }

  /** @param {string} room @returns {string} */
  get(room) {
    return this.#read(`parley.draft.${this.#user}.${room}`);
  }

  /** @param {string} room @param {string} text */
  set(room, text) {
    this.#write(`parley.draft.${this.#user}.${room}`, text);
  }

  /** @param {string} room @returns {Begun | null} */
  begun(room) {
    try {
      const begun = JSON.parse(this.#read(`parley.begun.${this.#user}.${room}`));
      const isBegun = (begun.kind === "reply" || begun.kind === "edit") && Number.isFinite(begun.message?.seq) && typeof begun.text === "string";
      return isBegun ? begun : null;
    } catch {
      return null;
    }
  }

  /** @param {string} room @param {Begun | null} begun */
  begin(room, begun) {
    this.#write(`parley.begun.${this.#user}.${room}`, begun ? JSON.stringify(begun) : "");
  }

  /** @param {string} key @returns {string} */
  #read(key) {
    const text = this.#set.get(key);
    if (text !== undefined) return text;
    try {
      return this.#storage?.getItem(key) ?? "";
    } catch {
      return "";
    }
  }

  /** @param {string} key @param {string} text */
  #write(key, text) {
    this.#set.set(key, text);
    try {
      if (text === "") this.#storage?.removeItem(key);
      else this.#storage?.setItem(key, text);
    } catch {
      // full or switched off: the page remembers it
    }
  }
}
