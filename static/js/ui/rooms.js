import { setText } from "../lib/dom.js";
import { isolate } from "../lib/text.js";
import { Drawer } from "./drawer.js";
import { drawList, fromTemplate } from "./list.js";

/** The rooms, with what is unread in each. */
export class RoomList extends Drawer {
  /** @param {import("./app.js").App} app */
  draw(app) {
    drawList(
      this.list,
      app.rooms,
      (room) => room.name,
      () => fromTemplate("room-link"),
      (entry, room) => fill(entry, room, app),
    );
    count(this.find(".to-mentions"), ".mentions", app.mentions, app.words.count("js.rooms.mentions", app.mentions));
  }
}
customElements.define("parley-rooms", RoomList);

/** @param {HTMLElement} entry @param {import("./app.js").RoomLink} room @param {import("./app.js").App} app */
function fill(entry, room, app) {
  const drawn = [room.title, room.members, room.unread, room.mentions, room.muted, room.locked, room.inviter, room.current].join("\n");
  if (entry.dataset.drawn === drawn) return;
  entry.dataset.drawn = drawn;
  const link = /** @type {HTMLAnchorElement} */ (entry.querySelector("a"));
  link.href = app.hrefOf(room.name);
  link.dataset.room = room.name;
  link.classList.toggle("unread", room.unread > 0 || room.inviter !== "");
  link.classList.toggle("muted", room.muted);
  if (room.current) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  const title = document.createElement("bdi");
  setText(title, room.title);
  link.querySelector(".name")?.replaceChildren(markOf(room), title, ...states(room, app).map((words) => unseen(` (${words})`)));
  count(link, ".members", room.members, app.words.count("js.people.here", room.members));
  count(link, ".mentions", room.mentions, app.words.count("js.rooms.mentions", room.mentions));
  count(link, ".badge", room.unread, app.words.count("js.head.unread", room.unread));
  if (room.inviter) invite(link, app.words.say("js.rooms.invited.by", { name: isolate(room.inviter) }), app.words.say("js.rooms.new"));
}

/** Who asks one into a room, below its name, and that it is new. @param {HTMLElement} link @param {string} by @param {string} isNew */
function invite(link, by, isNew) {
  const line = document.createElement("span");
  line.className = "by";
  setText(line, by);
  link.querySelector(".name")?.append(line);
  const badge = /** @type {HTMLElement} */ (link.querySelector(".badge"));
  badge.hidden = false;
  setText(badge, isNew);
}

/** What stands before a room's name. @param {{ direct: boolean, closed: boolean }} room @returns {string | Node} */
export function markOf({ direct, closed }) {
  return direct ? "" : closed ? fromTemplate("lock") : "# ";
}

/** What is to be heard of a room behind its name. @param {import("./app.js").RoomLink} room @param {import("./app.js").App} app */
function states({ muted, locked }, app) {
  return [muted && app.words.say("js.rooms.muted"), locked && app.words.say("js.rooms.locked")].filter((words) => words !== false);
}

/** Words to hear. @param {string} words */
function unseen(words) {
  const spoken = document.createElement("span");
  spoken.className = "unseen";
  setText(spoken, words);
  return spoken;
}

/**
 * A number to see and words to hear; nothing for 0.
 * @param {HTMLElement} link @param {string} selector @param {number} n @param {string} words
 */
function count(link, selector, n, words) {
  const number = document.createElement("span");
  number.ariaHidden = "true";
  setText(number, n > 99 && selector === ".badge" ? "99+" : selector === ".mentions" ? `@${n}` : String(n));
  const place = /** @type {HTMLElement} */ (link.querySelector(selector));
  place.hidden = n === 0;
  place.replaceChildren(...(n > 0 ? [number, unseen(words)] : []));
}
