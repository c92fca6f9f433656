import { makeId } from "./protocol.js";

/** @typedef {import("./protocol.js").Frame} Frame */
/** @typedef {{ type: string, answer: (frame: Frame) => void, refuse: (why: Error) => void }} Asked */

/** What was asked of the server and not answered yet, by the id of the question. */
export class Questions {
  /** @type {Map<string, Asked>} */
  #asked = new Map();
  #send;
  #offline;

  /** @param {(command: any) => boolean} send false where there is no connection @param {string} offline what is said then */
  constructor(send, offline) {
    this.#send = send;
    this.#offline = offline;
  }

  /**
   * @param {any} command without an id
   * @returns {Promise<any>} the frame that answers; it fails with what a person can be told
   */
  ask(command) {
    return new Promise((answer, refuse) => {
      const id = makeId();
      if (this.#send({ ...command, id })) this.#asked.set(id, { type: command.type, answer, refuse });
      else refuse(new Error(this.#offline));
    });
  }

  /** Gives an answer to who asked. @param {Frame} frame @returns {boolean} whether it was one that is for nobody else */
  receive(frame) {
    let id = "id" in frame ? (frame.id ?? "") : "";
    if (frame.type === "welcome") id = [...this.#asked].find(([, { type }]) => type === "nick")?.[0] ?? ""; // which says the new name
    const asked = this.#asked.get(id);
    if (!asked) return false;
    this.#asked.delete(id);
    if (frame.type === "error") asked.refuse(Object.assign(new Error(frame.message), { code: frame.code, wait: frame.retry_after_ms }));
    else asked.answer(frame);
    return frame.type === "error" || frame.type === "rooms"; // a list that was asked for is another one: of the archived
  }

  /** The connection is gone, and with it the answers. */
  disconnected() {
    for (const { refuse } of this.#asked.values()) refuse(new Error(this.#offline));
    this.#asked.clear();
  }
}
