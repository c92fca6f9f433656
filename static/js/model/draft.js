/** What one has written and not sent, per room, kept on this device; where the browser keeps nothing, as long as the page stands. */
export class Drafts {
  #storage;
  #user;
  /** @type {Map<string, string>} */
  #texts = new Map();

  /** @param {Storage | null} storage @param {string} user */
  constructor(storage, user) {
    this.#storage = storage;
    this.#user = user;
  }

  /** @param {string} room @returns {string} */
  get(room) {
    const text = this.#texts.get(room);
    if (text !== undefined) return text;
    try {
      return this.#storage?.getItem(this.#key(room)) ?? "";
    } catch {
      return "";
    }
  }

  /** @param {string} room @param {string} text */
  set(room, text) {
    this.#texts.set(room, text);
    try {
      if (text === "") this.#storage?.removeItem(this.#key(room));
      else this.#storage?.setItem(this.#key(room), text);
    } catch {
      // full or switched off: the page remembers it
    }
  }

  /** @param {string} room */
  #key(room) {
    return `parley.draft.${this.#user}.${room}`;
  }
}
