import { firstLine } from "../lib/text.js";

/** @typedef {import("./log.js").Message} Message */
/** @typedef {import("../net/protocol.js").Change} Change */

/**
 * A message as a stored change leaves it; the message itself where the change is older than what it shows already.
 * Doing all of a log's latest changes again, in order, changes nothing.
 * @param {Message} message
 * @param {Change} change
 * @returns {Message}
 */
export function changed(message, change) {
  if (message.deleted) return message;
  switch (change.type) {
    case "edited":
      if (change.seq <= (message.edited ?? 0)) return message;
      return { ...message, text: change.text, html: change.html, edited: change.seq };
    case "deleted":
      return bare(message, change.seq);
    case "reaction":
      return { ...message, reactions: reacted(message.reactions ?? [], change) };
    default:
      return message;
  }
}

/** What an answer shows of a message. @param {Pick<Message, "user" | "name" | "text" | "deleted" | "files">} source @returns {import("../net/protocol.js").Quote} */
export function quoted({ user, name, text, deleted, files = [] }) {
  const line = text.trim() || files.map((file) => file.name).join(", ");
  return deleted ? { user, name, text: "", deleted: true } : { user, name, text: firstLine(line) };
}

/** What is left of a message that was deleted. @param {Message} message @param {number} deleted @returns {Message} */
function bare({ files, reactions, quote, ...message }, deleted) {
  return { ...message, text: "", html: "", deleted };
}

/** @param {import("../net/protocol.js").Reaction[]} reactions @param {import("../net/protocol.js").Reacted} change */
function reacted(reactions, { emoji, user, on }) {
  const found = reactions.find((reaction) => reaction.emoji === emoji);
  const others = (found?.users ?? []).filter((other) => other !== user);
  const users = !on ? others : found?.users.includes(user) ? found.users : [...others, user];
  if (!found) return on ? [...reactions, { emoji, users }] : reactions;
  return reactions.map((reaction) => (reaction === found ? { emoji, users } : reaction)).filter((reaction) => reaction.users.length > 0);
}
