// The chat page: builds its parts and says who tells whom.

import { boot } from "./lib/dom.js";
import { untilTomorrow } from "./lib/time.js";
import { Act } from "./ui/act.js";
import { wireAlerts } from "./ui/alerts.js";
import { App } from "./ui/app.js";
import { wireAttach } from "./ui/attach.js";
import "./ui/banner.js";
import { completeCommands } from "./ui/commands.js";
import { showTyping } from "./ui/composer.js";
import { wireConnection } from "./ui/connection.js";
import { openDialog } from "./ui/dialogs.js";
import { wireFiles } from "./ui/files.js";
import { anyEmoji, wireEmoji } from "./ui/emoji.js";
import { Frame } from "./ui/frame.js";
import "./ui/log.js";
import { wireJumps } from "./ui/jump.js";
import { wireKeys } from "./ui/keys.js";
import { completeMentions, markMentions, wireFinders } from "./ui/mention.js";
import { wireDialogs } from "./ui/menu.js";
import "./ui/people.js";
import { wireProfile } from "./ui/profile.js";
import { markOf } from "./ui/rooms.js";
import { fitShell } from "./ui/shell.js";
import { completeShortcodes } from "./ui/shortcodes.js";
import { Tab } from "./ui/status.js";

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));

const served = boot();
const app = new App(served);
const tab = new Tab();
const log = /** @type {import("./ui/log.js").LogView} */ (find("parley-log"));
const composer = /** @type {import("./ui/composer.js").Composer} */ (find("parley-composer"));
const rooms = /** @type {import("./ui/rooms.js").RoomList} */ (find("parley-rooms"));
const people = /** @type {import("./ui/people.js").PeopleList} */ (find("parley-people"));

// The log first: what is drawn at its end is read, and the rooms then show it so.
const frame = new Frame({
  log: () => log.draw(),
  typing: () => {
    showTyping(find(".typing"), app.current.typing.names, app.words);
    people.draw(app);
  },
  people: () => {
    people.draw(app);
    head();
  },
  rooms: () => {
    rooms.draw(app);
    tab.unread = app.unread;
    tab.mentions = app.mentions;
    find(".to-rooms .dot").hidden = !app.rooms.some((room) => (room.unread > 0 || room.inviter !== "") && !room.current);
  },
});

app.addEventListener("log", () => frame.ask("log"));
app.addEventListener("news", () => frame.askCalmly("log"));
app.addEventListener("spoke", (event) => log.announce(/** @type {CustomEvent} */ (event).detail));
app.addEventListener("facts", () => frame.askCalmly("people"));
app.addEventListener("locked", (event) => openSheet("openPassword", /** @type {CustomEvent<string>} */ (event).detail));
app.addEventListener("typing", () => frame.askCalmly("typing"));
app.addEventListener("people", () => frame.askCalmly("people"));
app.addEventListener("rooms", () => {
  frame.askCalmly("rooms");
  if (document.hidden) [tab.unread, tab.mentions] = [app.unread, app.mentions]; // all that one sees of the page then
});
app.addEventListener("room", () => {
  head();
  if (composer.room !== app.current.name) composer.open();
});

/** The room's name and how many are in it, above the log and in the tab. */
function head() {
  const { name, peer, people: here } = app.current;
  const title = app.titleOf(name);
  const bdi = document.createElement("bdi");
  bdi.textContent = title;
  find("#room-title").replaceChildren(markOf({ direct: Boolean(peer), closed: name.startsWith("~") }), bdi);
  find("main").classList.toggle("archived", app.current.facts.archived);
  find("main").classList.toggle("public", !peer && !name.startsWith("~"));
  tab.title = `${title} · ${find("main").dataset.host}`;
  const away = app.absent.of(peer);
  if (peer && away) find(".count").textContent = [app.words.say("js.people.away"), away.text].filter(Boolean).join(": ");
  else if (peer) find(".count").textContent = app.words.say("js.head.private");
  else if (here.count > 0) find(".count").textContent = app.words.count("js.people.here", here.count);
  find(".head .topic").textContent = app.topicOf(name);
}

document.addEventListener("click", (event) => {
  const drawer = /** @type {Element} */ (event.target).closest("[data-open]")?.getAttribute("data-open");
  if (drawer === "rooms") rooms.show();
  if (drawer === "people") people.show();
  const sheet = /** @type {Element} */ (event.target).closest("[data-sheet]")?.getAttribute("data-sheet");
  if (sheet) openSheet(/** @type {Sheet} */ (sheet));
});
document.addEventListener("visibilitychange", () => document.hidden && app.away());

/** @typedef {"openRoom" | "openSwitcher" | "openNewRoom" | "openPassword"} Sheet */

/** Opens a sheet that is seldom needed. @param {Sheet} which @param {string} [room] */
async function openSheet(which, room = "") {
  const sheets = await import("./sheets.js");
  sheets[which](app, room);
}

/** Says "Today" and "Yesterday" anew when the day ends. */
function atMidnight() {
  setTimeout(() => {
    frame.ask("log");
    atMidnight();
  }, untilTomorrow(Date.now()) + 1000);
}

setInterval(() => document.hidden || app.askForRooms(), 30_000); // rooms that others started, and who is in those one isn't in

wireConnection(app, find("parley-banner"));
wireDialogs(app);
wireAlerts(app);
wireKeys(app, { switchRoom: () => openSheet("openSwitcher").catch(() => rooms.show()), log, composer });
completeMentions(app);
completeShortcodes(app.words, served.static);
markMentions(app.me.user);
wireFinders(app);
completeCommands(app);
wireProfile(app);
fitShell();
rooms.attach();
log.attach(app, () => frame.ask("log"));
composer.attach(app);
wireAttach(app, composer);
wireFiles(app, openDialog);
const forEmoji = { words: app.words, base: served.static };
const act = new Act({ app, composer }, async (message) => {
  const emoji = await anyEmoji(forEmoji);
  if (emoji) act.react(message, emoji);
});
wireEmoji(forEmoji, composer);
app.start(log.served(), served);
wireJumps(app);
atMidnight();
