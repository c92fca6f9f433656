import { plain } from "../lib/dom.js";
import { firstLine } from "../lib/text.js";
import { dialog, openDialog } from "./dialogs.js";
import { hide } from "./hidden.js";
import { Insiders } from "./insiders.js";
import { drawList, fromTemplate } from "./list.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("../net/protocol.js").Message} Message */

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(`#room ${selector}`));

/** The sheet of the room that is shown: its topic, what is pinned in it, and what one does with it. @param {App} app */
export function showRoom(app) {
  const box = /** @type {HTMLDialogElement} */ (dialog("room"));
  if (box.open) return;
  new RoomSheet(app, app.current, box);
}

/** One opening of the sheet. It shows what happens to the room meanwhile, and ends with it. */
class RoomSheet {
  #app;
  #room;
  #box;
  #away = new AbortController();
  #insiders;

  /** @param {App} app @param {import("./room.js").Room} room @param {HTMLDialogElement} box */
  constructor(app, room, box) {
    this.#app = app;
    this.#room = room;
    this.#box = box;
    const { signal } = this.#away;
    box.addEventListener("close", () => box.open || this.#away.abort(), { signal });
    app.addEventListener("facts", () => this.#facts(), { signal });
    app.addEventListener("rooms", () => this.#draw(), { signal });
    app.addEventListener("room", () => app.current !== room && box.close(), { signal });
    const form = /** @type {HTMLFormElement} */ (find(".topic-form"));
    form.addEventListener("submit", (event) => this.#saveTopic(event), { signal });
    find("#topic").addEventListener("input", () => this.#typed(), { signal });
    find("#topic").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => enter(event) && form.requestSubmit(), { signal });
    find("#mute").addEventListener("change", () => this.#ask({ type: "mute", room: room.name, on: find("#mute").checked }), { signal });
    find(".invite-form").addEventListener("submit", (/** @type {Event} */ event) => this.#invite(event), { signal });
    find("#archive").addEventListener("click", () => this.#archive(), { signal });
    find(".pins").addEventListener("click", (/** @type {MouseEvent} */ event) => this.#clicked(event), { signal });
    form.hidden = Boolean(room.peer);
    find("#topic").value = room.facts.topic;
    find(".pins").replaceChildren();
    find(".invite-form").hidden = Boolean(room.peer);
    find(".invite-form").reset();
    find("#invite-wrong").hidden = true;
    find("#archive").hidden = true;
    this.#insiders = new Insiders(app, (command, wrong) => this.#ask(command, wrong), (words) => this.#done(words), signal);
    this.#about();
    this.#say("");
    this.#typed();
    this.#draw();
    this.#facts();
    openDialog(box);
    /** @type {HTMLElement} */ (find('[data-act="close"]')).focus();
  }

  /** Those who look after the room archive it and open it again. */
  async #about() {
    const answer = await this.#ask({ type: "about", room: this.#room.name });
    if (answer?.type === "about") this.#offer(answer);
  }

  /** @param {import("../net/protocol.js").About} about */
  #offer(about) {
    const { archived, room } = about;
    const isKept = this.#room.facts.isKept || this.#app.moderator;
    const button = find("#archive");
    button.hidden = !isKept || room === "lobby" || room.startsWith("@");
    button.dataset.on = String(!archived);
    button.textContent = this.#app.words.say(archived ? "js.room.unarchive" : "js.room.archive");
    this.#insiders.draw(about, isKept);
  }

  async #archive() {
    const answer = await this.#ask({ type: "archive", room: this.#room.name, on: find("#archive").dataset.on === "true" });
    if (answer?.type === "about") this.#offer(answer);
  }

  /** @param {Event} event */
  async #invite(event) {
    event.preventDefault();
    find("#invite-wrong").hidden = true;
    this.#done("");
    const name = find("#invite-name").value.trim();
    const answer = await this.#ask({ type: "invite", room: this.#room.name, name }, find("#invite-wrong"));
    if (answer?.type !== "invited") return;
    find("#invite-name").value = "";
    this.#done(this.#app.words.say("js.room.invited", { name: answer.name }));
    this.#about();
  }

  /** Says to see and to hear what has come of something. @param {string} words */
  #done(words) {
    find(".done").textContent = words;
  }

  #draw() {
    const title = document.createElement("bdi");
    title.textContent = this.#app.titleOf(this.#room.name);
    const mark = this.#room.peer ? "" : this.#room.name.startsWith("~") ? fromTemplate("lock") : "# ";
    find("#room-name").replaceChildren(mark, title);
    find("#mute").checked = this.#app.rooms.some((room) => room.name === this.#room.name && room.muted);
  }

  /** Somebody changed the topic or the pins. What one is writing oneself stays. */
  #facts() {
    if (find(".topic-form button").hidden) find("#topic").value = this.#room.facts.topic;
    this.#typed();
    find(".none").hidden = this.#room.facts.pins.length > 0;
    if (this.#room.facts.pins.length > 0) this.#listPins();
    else find(".pins").replaceChildren();
  }

  async #listPins() {
    const answer = await this.#ask({ type: "pins", room: this.#room.name });
    if (!answer || answer.type !== "pins") return;
    const pinned = answer.messages.filter((/** @type {Message} */ message) => this.#room.facts.pins.includes(message.seq));
    drawList(find(".pins"), pinned, keyOf, () => fromTemplate("pin"), (entry, message) => this.#fill(entry, message));
  }

  /** @param {HTMLElement} entry @param {Message} message */
  #fill(entry, { seq, user, name, text, html, time }) {
    const link = /** @type {HTMLAnchorElement} */ (entry.querySelector("a"));
    link.href = `${this.#app.hrefOf(this.#room.name)}#${seq}`;
    link.textContent = firstLine(plain({ text, html })) || this.#app.words.say("js.room.message");
    /** @type {HTMLElement} */ (entry.querySelector("bdi")).textContent = name;
    const at = /** @type {HTMLTimeElement} */ (entry.querySelector("time"));
    at.dateTime = time;
    at.textContent = new Date(time).toLocaleString(this.#app.words.lang, { dateStyle: "medium", timeStyle: "short" });
    /** @type {HTMLElement} */ (entry.querySelector("button")).dataset.seq = String(seq);
    hide(entry, this.#app.ignored.has(user), this.#app.words);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const at = /** @type {Element} */ (event.target);
    if (at.closest("a")) this.#box.close();
    const button = /** @type {HTMLElement | null} */ (at.closest("button[data-seq]"));
    if (button) this.#ask({ type: "pin", room: this.#room.name, of: Number(button.dataset.seq), on: false });
  }

  #typed() {
    const button = find(".topic-form button");
    const { value } = find("#topic");
    this.#app.emoji.namesFor(value); // before they are needed
    button.hidden = value.trim() === this.#room.facts.topic;
    find("#topic-wrong").hidden = true;
  }

  /** @param {Event} event */
  async #saveTopic(event) {
    event.preventDefault();
    const field = find("#topic");
    const { namesFor, withEmoji } = this.#app.emoji;
    const written = field.value;
    await namesFor(written);
    const text = withEmoji(written);
    if (field.value === written) field.value = text;
    if (await this.#ask({ type: "topic", room: this.#room.name, text }, find("#topic-wrong"))) {
      this.#say(this.#app.words.say("js.room.saved"));
      find(".topic-form button").hidden = true;
    }
  }

  /** @param {string} words */
  #say(words) {
    find(".done").textContent = "";
    find('> [role="status"]').textContent = words;
  }

  /** Asks the server, and says why not. @param {any} command @param {HTMLElement} [wrong] where to say it */
  async #ask(command, wrong) {
    try {
      const answer = await this.#app.ask(command);
      return this.#away.signal.aborted ? null : answer; // the sheet may be another room's by now
    } catch (why) {
      if (this.#away.signal.aborted) return null;
      const sentence = /** @type {Error} */ (why).message;
      const place = wrong ?? /** @type {HTMLElement} */ (find("#topic-wrong"));
      place.textContent = sentence;
      place.hidden = false;
      this.#draw();
      return null;
    }
  }
}

/** Enter ends what is one line anyway. @param {KeyboardEvent} event */
function enter(event) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return false;
  event.preventDefault();
  return true;
}

/** @param {Message} message */
function keyOf({ seq, edited }) {
  return `${seq} ${edited ?? 0}`;
}
