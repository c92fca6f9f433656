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
    case "invitation":
      app.askForRooms();
      if (!app.ignored.has(frame.user)) app.note(words.say("js.log.invitation", { name: isolate(frame.name), room: app.titleOf(frame.room) }));
      break;
    case "removal": {
      const removed = words.say("js.log.removal", { name: isolate(frame.name), room: app.titleOf(frame.room) });
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
