import { plain } from "../lib/dom.js";
import { isolate } from "../lib/text.js";
import { quoted } from "../model/change.js";

/** @typedef {import("../model/log.js").Message} Message */

/** What one is about to answer or to edit, above the line where one writes. */
export class Answering {
  #app;
  #composer;
  /** @type {Message | null} */
  #message = null;
  /** @type {"reply" | "edit"} */
  #kind = "reply";
  #strip = document.createElement("div");
  #title = document.createElement("b");
  #line = document.createElement("span");

  /** @param {import("./app.js").App} app @param {import("./composer.js").Composer} composer */
  constructor(app, composer) {
    this.#app = app;
    this.#composer = composer;
    this.#strip.className = "answering";
    this.#strip.id = "answering";
    this.#line.dir = "auto";
    const said = document.createElement("p");
    said.append(this.#title, " ", this.#line);
    const cancel = /** @type {HTMLTemplateElement} */ (document.getElementById("shut")).content.cloneNode(true);
    this.#strip.append(said, cancel);
    const button = /** @type {HTMLButtonElement} */ (this.#strip.querySelector("button"));
    button.ariaLabel = app.words.say("js.answer.cancel");
    button.addEventListener("click", () => {
      this.cancel();
      composer.focus();
    });
    for (const event of ["log", "news"]) app.addEventListener(event, () => this.#look());
  }

  get isEditing() {
    return this.#message !== null && this.#kind === "edit";
  }

  /** Begins to answer a message. @param {Message} message */
  reply(message) {
    this.cancel();
    this.#show("reply", message);
    this.#keep("");
    this.#composer.focus();
  }

  /** Begins to edit a message. @param {Message} message */
  edit(message) {
    this.cancel();
    this.#show("edit", message);
    this.#keep(message.text);
    this.#composer.text = message.text;
    this.#composer.focus();
  }

  /** Keeps what an edit makes of its message so far. @param {string} text @returns {boolean} whether it is one */
  write(text) {
    if (this.isEditing) this.#keep(text);
    return this.isEditing;
  }

  /** Another room is shown: what was begun in this one waits there. */
  putAway() {
    this.#message = null;
    this.#strip.remove();
    this.#composer.describe("");
  }

  /** Goes on with what was begun in the room that is shown, where it wasn't deleted meanwhile. */
  takeUp() {
    const begun = this.#message ? null : this.#app.begun;
    if (!begun) return;
    const { kind, text } = begun;
    const message = this.#app.current.log.at(begun.message.seq ?? 0) ?? begun.message;
    this.#show(kind, message);
    if (kind === "edit") this.#composer.text = text;
    this.#look();
  }

  /** Saves a new text, where that is what one writes. @param {string} text @returns {boolean} whether it is */
  save(text) {
    const message = this.#message;
    if (!message || !this.isEditing) return false;
    if (text.trimEnd() !== message.text) this.#app.change({ act: "edit", text }, message, this.#composer.room);
    this.cancel();
    return true;
  }

  /** What a message that is sent now answers. */
  take() {
    const message = this.#message;
    if (!message) return {};
    this.cancel();
    return { reply_to: message.seq, quote: quotedPlain(message) };
  }

  /** Answers and edits nothing any more; the draft comes back. @returns {boolean} whether anything was */
  cancel() {
    if (!this.#message) return false;
    const wasEditing = this.isEditing;
    this.putAway();
    this.#app.begin(this.#composer.room, null);
    if (wasEditing) this.#composer.text = this.#app.draft;
    return true;
  }

  /** @param {"reply" | "edit"} kind @param {Message} message */
  #show(kind, message) {
    const { words, me } = this.#app;
    const { name, text } = quotedPlain(message);
    const title = kind === "edit" ? "js.answer.edit" : message.user === me.user ? "js.answer.own" : "js.answer.to";
    this.#kind = kind;
    this.#message = message;
    this.#title.textContent = words.say(title, { name: isolate(name) });
    this.#line.textContent = text;
    this.#composer.prepend(this.#strip);
    this.#composer.describe(this.#strip.id);
  }

  /** Keeps it over a reload and while other rooms are shown. @param {string} text */
  #keep(text) {
    if (this.#message) this.#app.begin(this.#composer.room, { kind: this.#kind, message: this.#message, text });
  }

  /** What is deleted meanwhile can be answered or edited no longer. */
  #look() {
    const { name, log } = this.#app.current;
    if (this.#message && name === this.#composer.room && log.at(this.#message.seq ?? 0)?.deleted) this.cancel();
  }
}

/** @param {Message} message */
function quotedPlain(message) {
  return quoted({ ...message, text: plain(message) });
}
