import { isolate } from "../lib/text.js";
import { notice } from "./notice.js";

/**
 * Says in the log what somebody did to a room.
 * @param {import("./app.js").App} app
 * @param {import("../net/protocol.js").Frame} frame
 * @param {(text: string, time: string) => void} note in the log of the frame's room
 */
export function noteFact(app, frame, note) {
  const { words } = app;
  switch (frame.type) {
    case "welcome":
      for (const { room, inviter } of frame.rooms) if (inviter && !invitations.has(room)) invited(app, room, inviter);
      break;
    case "invitation":
      app.askForRooms();
      invited(app, frame.room, frame);
      break;
    case "removal": {
      const removed = words.say("js.log.removal", { name: isolate(frame.name), room: app.titleOf(frame.room) });
      invitations.delete(frame.room);
      app.note(removed);
      notice(removed);
      break;
    }
    case "archived":
      note(words.say(frame.on ? "js.log.archived" : "js.log.unarchived", { name: isolate(frame.name) }), frame.time);
      app.askForRooms();
      break;
    case "topic":
      note(words.say(frame.text ? "js.log.topic" : "js.log.no_topic", { name: isolate(frame.name), text: isolate(frame.text) }), frame.time);
      break;
    case "pinned":
      note(words.say(frame.on ? "js.log.pinned" : "js.log.unpinned", { name: isolate(frame.name) }), frame.time);
      break;
  }
}

/** The rooms into which one was asked, as far as that was said since the page is here. @type {Set<string>} */
const invitations = new Set();

/** Says that somebody asks one into a room, now or while one was away. @param {import("./app.js").App} app @param {string} room @param {import("../net/protocol.js").Person} by */
function invited(app, room, by) {
  if (app.ignored.has(by.user)) return;
  invitations.add(room);
  const text = app.words.say("js.log.invitation", { name: isolate(by.name), room: app.titleOf(room) });
  app.note(text);
  app.tell("invited", { room, name: by.name, text, html: "" });
}
