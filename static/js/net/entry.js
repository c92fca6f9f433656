/**
 * A file of a message on its way: as it will be stored, or, without an id, one that is still being uploaded (uploads.js) under its key.
 * @typedef {Partial<import("./protocol.js").StoredFile> & { key: string, name: string, type: string, size: number }} Part
 */

/**
 * A message on its way. `at` is when it was written (Date.now()); `reason` is why it was refused, a sentence.
 * An entry never changes: it is replaced by another.
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} [room]
 * @property {string} [to] a name, instead of a room: a private message
 * @property {string} text
 * @property {number} [reply_to]
 * @property {import("./protocol.js").Quote} [quote] what it answers, as one saw it; not sent
 * @property {"edit" | "delete" | "react"} [act] where it isn't a message but changes one: `of`, in the same room
 * @property {number} [of]
 * @property {string} [emoji]
 * @property {boolean} [on]
 * @property {Part[]} [files] the message is sent when all of them are stored; others go before it meanwhile
 * @property {string} [tab] the tab that uploads them, while it does; files can't be kept
 * @property {number} [alive] when that tab last said that it does, as Date.now()
 * @property {number} at
 * @property {"waiting" | "failed"} state
 * @property {string} [code] of the refusal
 * @property {string} [reason]
 */

/** An entry as it was kept, null for what isn't one. @param {any} kept @param {string} id @returns {Entry | null} */
export function entryOf(kept, id) {
  const isEntry = kept?.id === id && typeof kept.text === "string" && Number.isFinite(kept.at) && (kept.room ?? kept.to);
  return isEntry ? { ...kept, state: kept.state === "failed" ? "failed" : "waiting" } : null;
}

/** What is sent for an entry. @param {Entry} entry @returns {import("./protocol.js").Command} */
export function commandOf({ id, room, to, text, reply_to, files, act, of = 0, emoji = "", on = false }) {
  switch (act) {
    case "edit":
      return { type: "edit", id, room: room ?? "", of, text };
    case "delete":
      return { type: "delete", id, room: room ?? "", of };
    case "react":
      return { type: "react", id, room: room ?? "", of, emoji, on };
    default:
      return { type: "send", id, room, to, text, reply_to, files: files?.map((file) => file.id ?? "") };
  }
}

/** Whether something of a message is not on the server yet. @param {Entry} entry */
export function isUploading(entry) {
  return Boolean(entry.files?.some((file) => !file.id));
}
