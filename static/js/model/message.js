/**
 * A message of the room, as it is now. It never changes: it is replaced by another. `seq` and `html` come when it is stored.
 * `sent`: acknowledged, so that nothing can happen to it any more; its frame is still under way.
 * @typedef {object} Message
 * @property {number} [seq]
 * @property {string} [id] the sender's own
 * @property {string} user
 * @property {string} name
 * @property {string} text
 * @property {string} html "" until it is stored
 * @property {string} time RFC 3339; the device's until it is stored
 * @property {"stored" | "sending" | "sent" | "failed"} state
 * @property {string} [code] why it failed
 * @property {string} [reason] the same as a sentence
 * @property {number} [reply_to]
 * @property {import("../net/protocol.js").Quote} [quote] of what it answers
 * @property {string} [changing] the id of an edit of one's own on its way, which `state` is of
 * @property {number} [edited]
 * @property {number} [deleted]
 * @property {import("../net/protocol.js").Reaction[]} [reactions]
 * @property {(import("../net/protocol.js").StoredFile | import("../net/entry.js").Part)[]} [files]
 */

/** @param {import("../net/protocol.js").Message} told @returns {Message} */
export function stored(told) {
  return { ...told, state: "stored" };
}
