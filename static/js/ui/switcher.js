import { setText } from "../lib/dom.js";
import { choices, inPlace } from "../model/choices.js";
import { directRoom } from "../net/protocol.js";
import { dialog, openDialog } from "./dialogs.js";
import { drawList, fromTemplate } from "./list.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("../model/choices.js").Choice} Choice */

/** The dialog in which one writes where to go: rooms, people, or a room that is yet to be made. @param {App} app */
export function showSwitcher(app) {
  const box = /** @type {HTMLDialogElement} */ (dialog("switcher"));
  if (box.open) return;
  const field = /** @type {HTMLInputElement} */ (box.querySelector("input"));
  const list = /** @type {HTMLElement} */ (box.querySelector("ul"));
  const away = new AbortController();
  const { signal } = away;
  /** @type {Choice[]} */
  let shown = [];
  let at = 0;
  /** @type {Choice[]} */
  let archived = [];
  const tick = /** @type {HTMLInputElement} */ (box.querySelector("#archived"));
  const listArchived = async () => {
    archived = tick.checked ? await archivedRooms(app).catch(() => []) : [];
    if (!signal.aborted) draw();
  };
  let moved = false; // by the arrows, to one that is to stay chosen

  const mark = () => {
    [...list.children].forEach((entry, i) => entry.setAttribute("aria-selected", String(i === at)));
    if (shown[at]) field.setAttribute("aria-activedescendant", list.children[at].id);
    else field.removeAttribute("aria-activedescendant");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  /** @param {readonly Choice[]} [placed] what stays where it is */
  const draw = (placed = []) => {
    const before = shown[at]?.room;
    shown = inPlace(choices(field.value, [...all(app), ...archived], app.recent), placed);
    drawList(list, shown, ({ room }) => room, () => fromTemplate("choice"), (entry, choice) => fill(entry, choice, shown.indexOf(choice), app));
    /** @type {HTMLElement} */ (box.querySelector(".none")).hidden = shown.length > 0;
    at = Math.max(0, moved ? shown.findIndex(({ room }) => room === before) : 0);
    mark();
  };
  const typed = () => {
    moved = false;
    draw();
  };
  const choose = (/** @type {Choice | undefined} */ choice) => {
    if (!choice) return;
    box.close();
    app.open(choice.room);
  };

  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      moved = true;
      at = (at + step + shown.length) % Math.max(1, shown.length);
    }
    if (event.key === "Enter") choose(shown[at]);
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") box.close();
    else if (step === 0) return;
    event.preventDefault();
    mark();
  };
  const onClick = (/** @type {MouseEvent} */ event) => {
    const entry = /** @type {Element} */ (event.target).closest("li");
    if (entry) choose(shown[[...list.children].indexOf(entry)]);
  };
  field.addEventListener("input", typed, { signal });
  app.addEventListener("rooms", () => draw(shown), { signal }); // also what others have begun: see below
  field.addEventListener("keydown", onKey, { signal });
  list.addEventListener("click", onClick, { signal });
  tick.addEventListener("change", listArchived, { signal });
  box.addEventListener("close", () => box.open || away.abort(), { signal });
  field.value = "";
  tick.checked = false;
  draw();
  openDialog(box);
  field.focus();
  app.askForRooms();
}

/** Everywhere one can go: the rooms, and those one sees in them. @param {App} app @returns {Choice[]} */
function all(app) {
  /** @type {Choice[]} */
  const rooms = app.rooms
    .filter((room) => !room.current)
    .map((room) => ({ ...room, room: room.name, kind: room.direct ? "person" : "room" }));
  const listed = new Set([...rooms.map(({ room }) => room), app.current.name]);
  const people = app.current.people.list
    .filter(({ user }) => user !== app.me.user)
    .map(({ user, name }) => ({ room: directRoom(app.me.user, user), title: name }))
    .filter(({ room }) => !listed.has(room));
  return [...rooms, ...people.map((one) => ({ ...one, kind: /** @type {const} */ ("person"), unread: 0, mentions: 0, muted: false }))];
}

/** The rooms that are in no other list. @param {App} app @returns {Promise<Choice[]>} */
async function archivedRooms(app) {
  const answer = await app.ask({ type: "rooms", archived: true });
  if (answer.type !== "rooms") return [];
  const { rooms } = /** @type {import("../net/protocol.js").Rooms} */ (answer);
  return rooms
    .filter(({ room }) => room !== app.current.name)
    .map(({ room }) => ({ room, title: app.titleOf(room), kind: "room", unread: 0, mentions: 0, muted: true }));
}

/** @param {HTMLElement} entry @param {Choice} choice @param {number} i @param {App} app */
function fill(entry, choice, i, app) {
  entry.id = `choice-${i}`;
  const drawn = JSON.stringify(choice);
  if (entry.dataset.drawn === drawn) return;
  entry.dataset.drawn = drawn;
  entry.dataset.kind = choice.kind;
  entry.classList.toggle("muted", choice.muted);
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (entry.querySelector(selector));
  part(".mark").replaceChildren(choice.room.startsWith("~") ? fromTemplate("lock") : { room: "#", person: "@", new: "+" }[choice.kind]);
  setText(part("bdi"), choice.kind === "new" ? app.words.say("js.switcher.new", { room: choice.title }) : choice.title);
  setText(part(".unseen"), choice.kind === "person" ? ` – ${app.words.say("js.people.write")}` : "");
  const number = (/** @type {string} */ selector, /** @type {number} */ n, /** @type {string} */ text, /** @type {string} */ spoken) => {
    part(selector).hidden = n === 0;
    setText(part(selector), text);
    if (n > 0) part(".unseen").textContent += `, ${spoken}`;
    part(selector).ariaHidden = "true";
  };
  number(".mentions", choice.mentions, `@${choice.mentions}`, app.words.count("js.rooms.mentions", choice.mentions));
  number(".badge", choice.unread, choice.unread > 99 ? "99+" : String(choice.unread), app.words.count("js.head.unread", choice.unread));
}
