import { isolate } from "../lib/text.js";
import { commands } from "./commands.js";
import { Answering } from "./answering.js";
import { completion } from "./completion.js";
import { namesFor, withEmoji } from "./shortcodes.js";

/** Where one writes. Enter sends; on touch it is a new line and the button sends. What isn't sent yet is kept as a draft. */
export class Composer extends HTMLElement {
  #field = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
  #form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
  #send = /** @type {HTMLButtonElement} */ (this.querySelector(".send"));
  #wrong = /** @type {HTMLElement} */ (this.querySelector(".wrong"));
  #touch = matchMedia("(pointer: coarse)");
  /** @type {import("./app.js").App | null} */
  #app = null;
  /** Whether a command is being carried out. */
  #busy = false;
  /** What waits to be sent for the names of emoji in it; null where nothing does. @type {{ text: string } | null} */
  #held = null;
  /** @type {Answering | null} */
  #answering = null;
  /** The room that the draft in the field is for. */
  room = "";
  /** The files that stand above the field; null until there are any. @type {import("../attach.js").Attach | null} */
  attached = null;

  /** @param {import("./app.js").App} app */
  attach(app) {
    this.#app = app;
    this.#answering = new Answering(app, this);
    this.#field.addEventListener("beforeinput", () => this.#release());
    addEventListener("pagehide", () => this.#release());
    document.addEventListener("visibilitychange", () => document.hidden && this.#release());
    this.#field.addEventListener("input", () => {
      if (!this.#answering?.write(this.#field.value)) app.write(this.#field.value);
      this.#changed();
    });
    completion.attach(this.#field);
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    // A press on the button must not take the focus, and with it the keyboard, from the field.
    this.#send.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#send.addEventListener("mousedown", (event) => event.preventDefault());
    new ResizeObserver(() => this.#fit()).observe(this);
    const early = this.#field.value; // typed before the script was there
    if (early !== "" && early !== app.draft) app.write(app.draft + early);
    this.open();
  }

  /** Shows the draft of the room that is shown now, and what it answers. */
  open() {
    this.#release();
    if (this.room !== this.#app?.current.name) this.#answering?.putAway();
    this.room = this.#app?.current.name ?? "";
    this.#field.value = this.#app?.draft ?? "";
    this.#answering?.takeUp();
    this.#changed();
    if (!this.#touch.matches) this.focus();
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  /** What stands in the field, with the caret at its end. @param {string} text */
  set text(text) {
    this.#field.value = text;
    this.#field.setSelectionRange(text.length, text.length);
    this.#changed();
  }

  /** Puts something where the caret is. @param {string} text */
  insert(text) {
    this.#release();
    this.focus();
    this.#field.setRangeText(text, this.#field.selectionStart, this.#field.selectionEnd, "end");
    this.#field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  /** Begins to answer a message. @param {import("../model/log.js").Message} message */
  reply(message) {
    this.#release();
    this.#answering?.reply(message);
  }

  /** Begins to edit a message. @param {import("../model/log.js").Message} message */
  edit(message) {
    this.#release();
    this.#answering?.edit(message);
  }

  /** Answers and edits nothing any more. @returns {boolean} whether anything was */
  cancel() {
    return this.#answering?.cancel() ?? false;
  }

  /** Has something else said of the field, too. @param {string} id of the element that says it, "" for none */
  describe(id) {
    this.#field.setAttribute("aria-describedby", `${id} text-wrong`.trim());
  }

  get isEmpty() {
    return this.#field.value === "";
  }

  /** Says what is wrong; "" says that nothing is. @param {string} text */
  warn(text) {
    this.#wrong.hidden = text === "";
    this.#wrong.textContent = text;
    this.#field.setAttribute("aria-invalid", String(text !== ""));
  }

  /** Sends what stands in the field, which waits a moment where the names of emoji in it aren't there yet. */
  #submit() {
    if (!this.#isReady || this.#held) return;
    const text = this.#field.value;
    const names = namesFor(text);
    if (!names) {
      this.#enter(text);
      return;
    }
    const held = { text };
    this.#held = held;
    names.then(() => this.#held === held && this.#release());
  }

  /**
   * Sends what waits for names: they are there, take too long, or one goes on to something else. An edit that was given up is left alone,
   * and a command stays a draft of the room that it was for.
   */
  #release() {
    const text = this.#held?.text;
    this.#held = null;
    if (text === undefined || text !== this.#field.value) return;
    if (!text.startsWith("/") || this.room === this.#app?.current.name) this.#enter(text);
  }

  /** @param {string} text */
  #enter(text) {
    if (this.#answering?.save(withEmoji(text))) this.focus();
    else if (text.startsWith("/")) this.#command(text);
    else this.#say(text, text, this.room);
  }

  /**
   * Says something. What it answers and what is attached go with it where it is for the room that is shown.
   * @param {string} text @param {string} line as it was written @param {string} room in which it was @param {string} [to] for which it is
   */
  #say(text, line, room, to = room) {
    const isHere = room === to && room === this.room;
    const more = isHere ? { ...this.#answering?.take(), files: this.attached?.take(room) } : {};
    const kept = this.#app?.send(withEmoji(text), more, to);
    this.#done(line, room);
    if (!kept) this.warn(this.#app?.words.say("js.composer.storage") ?? "");
    this.focus();
  }

  /** Takes away a line that has been seen to. One may have begun another meanwhile, or be in another room. @param {string} line @param {string} room */
  #done(line, room) {
    this.#app?.dropDraft(room, line);
    if (this.room === room && this.#field.value === line) this.open();
  }

  /** Does what a line says that begins with a slash. One that says nothing that can be done stays in the field. @param {string} line */
  async #command(line) {
    const app = this.#app;
    if (!app || this.#busy) return;
    const { room } = this;
    this.#busy = true;
    const { say = "", to, wrong = "" } = await runLine(app, line);
    this.#busy = false;
    if (say) this.#say(say, line, room, to);
    else if (!wrong) this.#done(line, room);
    else if (this.#field.value === line) this.warn(wrong);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // While an input method is composing, its keys are its own: Enter chooses what it offers. Safari says so only by the old key code.
    if (event.isComposing || event.keyCode === 229) return;
    const isPlain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    const last = isPlain && event.key === "ArrowUp" && this.isEmpty ? this.#app?.current.log.lastOwn : undefined;
    if (last) this.edit(last);
    if (last || (isPlain && event.key === "Escape" && this.cancel())) {
      event.preventDefault();
      event.stopPropagation(); // Escape means something else to the page
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    if (this.#touch.matches && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.#submit();
  }

  #changed() {
    const over = this.#over;
    this.warn(over > 0 && this.#app ? this.#app.words.count("js.composer.long", over) : "");
    namesFor(this.#field.value); // before they are needed
    this.showReady();
    this.#fit();
  }

  /** Shows whether there is something to send. */
  showReady() {
    this.#send.classList.toggle("ready", this.#isReady);
  }

  get #isReady() {
    const isAttached = !this.#answering?.isEditing && this.attached?.has(this.room); // an edit leaves what is attached for later
    return (this.#field.value.trim() !== "" || Boolean(isAttached)) && this.#over === 0;
  }

  /** How many characters there are above the limit. */
  get #over() {
    return this.#app?.over(this.#field.value) ?? 0;
  }

  /** As tall as its text, up to what the style allows. An empty one isn't measured, which would lay out the page before it is drawn. */
  #fit() {
    this.#field.style.blockSize = "";
    if (this.#field.value === "") return;
    const border = this.#field.offsetHeight - this.#field.clientHeight;
    this.#field.style.blockSize = `${this.#field.scrollHeight + border}px`;
  }
}
customElements.define("parley-composer", Composer);

/**
 * Who is typing, in words.
 * @param {HTMLElement} line
 * @param {string[]} names
 * @param {import("../lib/words.js").Words} words
 */
export function showTyping(line, names, words) {
  const [a, b] = names.map(isolate);
  const all = ["", words.say("js.typing.1", { a }), words.say("js.typing.2", { a, b })];
  const text = all[names.length] ?? words.say("js.typing.many");
  /** @type {HTMLElement} */ (line.querySelector(".who")).textContent = text;
  /** @type {HTMLElement} */ (line.querySelector(".dots")).hidden = text === "";
}

/**
 * The script of commands comes with the first of them.
 * @param {import("./app.js").App} app @param {string} line
 * @returns {Promise<import("../slash.js").Outcome>}
 */
async function runLine(app, line) {
  try {
    const slash = await import("../slash.js");
    return await slash.runLine(app, line, commands());
  } catch {
    return { wrong: app.words.say("js.slash.offline") };
  }
}
