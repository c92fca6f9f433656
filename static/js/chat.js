// The chat page: builds its parts and says who tells whom.

import { boot, setText } from "./lib/dom.js";
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
import { offline } from "./ui/notice.js";
import "./ui/people.js";
import { wireProfile } from "./ui/profile.js";
import { markOf } from "./ui/rooms.js";
import { fitShell } from "./ui/shell.js";
import { completeShortcodes } from "./ui/shortcodes.js";
import { Tab } from "./ui/status.js";

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));

/** The next task of the browser's: between two it answers whoever touches the page. */
const turn = () => new Promise((done) => setTimeout(done));

/** @typedef {"openRoom" | "openSwitcher" | "openNewRoom" | "openPassword"} Sheet */

class Page {
  #served = boot();
  #app = new App(this.#served);
  #tab = new Tab();
  #log = /** @type {import("./ui/log.js").LogView} */ (find("parley-log"));
  #composer = /** @type {import("./ui/composer.js").Composer} */ (find("parley-composer"));
  #rooms = /** @type {import("./ui/rooms.js").RoomList} */ (find("parley-rooms"));
  #people = /** @type {import("./ui/people.js").PeopleList} */ (find("parley-people"));

  /** Brings the page to life, in turns that are short on a slow phone, too. */
  async open() {
    this.#listen();
    await turn();
    this.#wire();
    await turn();
    this.#wireWriting();
    await turn();
    this.#app.start(this.#log.served(), this.#served);
    wireJumps(this.#app);
    this.#atMidnight();
    setInterval(() => document.hidden || this.#app.askForRooms(), 30_000); // rooms that others started, and who is in those one isn't in
  }

  /** The log first: what is drawn at its end is read, and the rooms then show it so. */
  #frame = new Frame({
    log: () => this.#log.draw(),
    typing: () => {
      showTyping(find(".typing"), this.#app.current.typing.names, this.#app.words);
      this.#people.draw(this.#app);
    },
    people: () => {
      this.#people.draw(this.#app);
      this.#head();
    },
    rooms: () => {
      const app = this.#app;
      this.#rooms.draw(app);
      this.#count();
      find(".to-rooms .dot").hidden = !app.rooms.some((room) => (room.unread > 0 || room.inviter !== "") && !room.current);
    },
  });

  #listen() {
    const app = this.#app;
    const frame = this.#frame;
    app.addEventListener("log", () => frame.ask("log"));
    app.addEventListener("news", () => frame.askCalmly("log"));
    app.addEventListener("spoke", (event) => this.#log.announce(/** @type {CustomEvent} */ (event).detail));
    app.addEventListener("facts", () => frame.askCalmly("people"));
    app.addEventListener("locked", (event) => this.#openSheet("openPassword", /** @type {CustomEvent<string>} */ (event).detail));
    app.addEventListener("typing", () => frame.askCalmly("typing"));
    app.addEventListener("people", () => frame.askCalmly("people"));
    app.addEventListener("rooms", () => {
      frame.askCalmly("rooms");
      if (document.hidden) this.#count(); // all that one sees of the page then
    });
    app.addEventListener("room", () => {
      this.#head();
      if (this.#composer.room !== app.current.name) this.#composer.open();
    });
    document.addEventListener("click", (event) => {
      const drawer = /** @type {Element} */ (event.target).closest("[data-open]")?.getAttribute("data-open");
      if (drawer === "rooms") this.#rooms.show();
      if (drawer === "people") this.#people.show();
      const sheet = /** @type {Element} */ (event.target).closest("[data-sheet]")?.getAttribute("data-sheet");
      if (sheet) this.#openSheet(/** @type {Sheet} */ (sheet));
    });
    document.addEventListener("visibilitychange", () => document.hidden && app.away());
  }

  #wire() {
    const app = this.#app;
    wireConnection(app, find("parley-banner"));
    wireDialogs(app);
    wireAlerts(app);
    wireKeys(app, { switchRoom: () => this.#openSheet("openSwitcher", "", () => this.#rooms.show()), log: this.#log, composer: this.#composer });
    wireFinders(app);
    wireProfile(app);
    fitShell();
    this.#log.attach(app, () => this.#frame.ask("log"));
  }

  #wireWriting() {
    const app = this.#app;
    const composer = this.#composer;
    completeMentions(app);
    completeShortcodes(app.words, this.#served.static);
    completeCommands(app);
    markMentions(app.me.user);
    composer.attach(app);
    wireAttach(app, composer);
    wireFiles(app, openDialog);
    const forEmoji = { words: app.words, base: this.#served.static };
    new Act({ app, composer }, () => anyEmoji(forEmoji));
    wireEmoji(forEmoji, composer);
  }

  /** The room's name and how many are in it, above the log and in the tab. */
  #head() {
    const app = this.#app;
    const { name, peer, people: here, facts } = app.current;
    const title = app.titleOf(name);
    const bdi = document.createElement("bdi");
    bdi.textContent = title;
    find("#room-title").replaceChildren(markOf({ direct: Boolean(peer), closed: name.startsWith("~") }), bdi);
    find("main").classList.toggle("archived", facts.archived);
    find("main").classList.toggle("public", !peer && !name.startsWith("~"));
    this.#tab.title = `${title} · ${find("main").dataset.host}`;
    const away = app.absent.of(peer);
    let who = here.count > 0 ? app.words.count("js.people.here", here.count) : "";
    if (peer) who = away ? [app.words.say("js.people.away"), away.text].filter(Boolean).join(": ") : app.words.say("js.head.private");
    const pinned = facts.pins.length > 0 && app.words.count("js.head.pinned", facts.pins.length);
    if (who) setText(find(".count .who"), who);
    setText(find(".count .pinned"), pinned ? ` · ${pinned}` : "");
    find(".head .topic").textContent = app.topicOf(name);
  }

  /** Says in the tab how much is new. */
  #count() {
    [this.#tab.unread, this.#tab.mentions] = [this.#app.unread, this.#app.mentions];
  }

  /** Opens a sheet that is seldom needed. @param {Sheet} which @param {string} [room] @param {() => any} [otherwise] what is done where it can't be had */
  async #openSheet(which, room = "", otherwise = () => offline(this.#app)) {
    const sheets = await import("./sheets.js").catch(otherwise);
    sheets?.[which](this.#app, room);
  }

  /** Says "Today" and "Yesterday" anew when the day ends. */
  #atMidnight() {
    setTimeout(() => {
      this.#frame.ask("log");
      this.#atMidnight();
    }, untilTomorrow(Date.now()) + 1000);
  }
}

turn().then(() => new Page().open());
