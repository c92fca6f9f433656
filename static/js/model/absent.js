/** @typedef {import("../net/protocol.js").Frame} Frame */
/** Since when somebody is away, and what they said of it. @typedef {{ text: string, since: string }} Absence */

/** Who said that they are away, in whichever room that was told. */
export class Absent {
  /** @type {() => void} */
  onChange = () => {};

  /** @type {Map<string, Absence>} */
  #away = new Map();

  /** @param {string} user @returns {Absence | undefined} */
  of(user) {
    return this.#away.get(user);
  }

  /** @param {Frame} frame */
  receive(frame) {
    if (frame.type === "presence") this.#presence(frame);
    else if (frame.type === "joined" || frame.type === "members") this.#told(frame.members, frame.away ?? []);
    else if (frame.type === "crowd") this.#told([...(frame.members ?? []), ...(frame.back ?? []).map((user) => ({ user }))], frame.away ?? []);
    else if (frame.type === "whois") this.#told([frame], frame.away ? [{ user: frame.user, ...frame.away }] : []);
  }

  /** @param {import("../net/protocol.js").Presence} frame */
  #presence({ event, user, text = "", time }) {
    if (event === "away") this.#away.set(user, { text, since: this.#away.get(user)?.since ?? time });
    else if (event === "rename" || !this.#away.delete(user)) return; // who leaves or comes in anew isn't away
    this.onChange();
  }

  /** Says of some people which of them are away. @param {readonly { user: string }[]} people @param {readonly ({ user: string, text?: string, since: string })[]} away */
  #told(people, away) {
    for (const { user } of people) this.#away.delete(user);
    for (const { user, text = "", since } of away) this.#away.set(user, { text, since });
    this.onChange();
  }
}
