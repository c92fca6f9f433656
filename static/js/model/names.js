/** Who is called what, of all whom the page has heard of: those who set a reaction may be gone by now. */
export class Names {
  /** @type {Map<string, string>} */
  #names;

  /** @param {Record<string, string>} [known] by user */
  constructor(known = {}) {
    this.#names = new Map(Object.entries(known));
  }

  /** @param {string} user @returns {string} "" for somebody whom the page has not heard of */
  of(user) {
    return this.#names.get(user) ?? "";
  }

  /** @param {readonly { user: string, name: string }[]} people */
  learn(people) {
    for (const { user, name } of people) this.#names.set(user, name);
  }

  /** @param {import("../net/protocol.js").Frame} frame */
  receive(frame) {
    if ("messages" in frame) this.learn(frame.messages);
    if ("members" in frame && frame.members) this.learn(frame.members);
    if (frame.type === "message" || frame.type === "reaction" || frame.type === "presence") this.learn([frame]);
  }
}
