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

  /** @param {Message} message */
  reply(message) {
    this.cancel();
    const { name, text } = quotedPlain(message);
    const title = message.user === this.#app.me.user ? "js.answer.own" : "js.answer.to";
    this.#begin("reply", message, this.#app.words.say(title, { name: isolate(name) }), text);
  }

  /** @param {Message} message */
  edit(message) {
    this.cancel();
    this.#begin("edit", message, this.#app.words.say("js.answer.edit"), quotedPlain(message).text);
    this.#composer.text = message.text;
  }

  /** Saves a new text, where that is what one writes. @param {string} text @returns {boolean} whether it is */
  save(text) {
    const message = this.#message;
    if (!message || !this.isEditing) return false;
    if (text.trimEnd() !== message.text) this.#app.change({ act: "edit", text }, message);
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
    this.#message = null;
    this.#strip.remove();
    this.#composer.describe("");
    if (wasEditing) this.#composer.text = this.#app.draft;
    return true;
  }

  /** @param {"reply" | "edit"} kind @param {Message} message @param {string} title @param {string} line */
  #begin(kind, message, title, line) {
    this.#kind = kind;
    this.#message = message;
    this.#title.textContent = title;
    this.#line.textContent = line;
    this.#composer.prepend(this.#strip);
    this.#composer.describe(this.#strip.id);
    this.#composer.focus();
  }

  /** What is deleted meanwhile can be answered or edited no longer. */
  #look() {
    if (this.#message && this.#app.current.log.at(this.#message.seq ?? 0)?.deleted) this.cancel();
  }
}

/** @param {Message} message */
function quotedPlain(message) {
  return quoted({ ...message, text: plain(message) });
}
