import { actions } from "./actions.js";
import { openDialog } from "./dialogs.js";
import { fromTemplate } from "./list.js";
import { notice } from "./notice.js";
import { atHand } from "./reactions.js";
import { focusRow, rowBeside } from "./rove.js";

/** @typedef {import("../model/log.js").Message} Message */
/** @typedef {import("./actions.js").Page} Page */

/** Where the window is at least so wide, the menu stands beside its message; below it is a sheet (css/dialog.css). Rem. */
const WIDE = "(min-width: 48rem)";

/**
 * What one can do with a message. There is one bar and one menu for all rows: the bar moves to the row under the pointer or with the
 * focus, the menu opens from there, from a row's own button on a phone, and by Enter on a row.
 */
export class Act {
  #page;
  #rows = /** @type {HTMLElement} */ (document.querySelector("parley-log .rows"));
  #bar = fromTemplate("act-bar");
  #menu = /** @type {HTMLDialogElement} */ (document.createElement("dialog"));
  /** What the menu was opened by. @type {HTMLElement | null} */
  #from = null;
  #pickEmoji;

  /** @param {Page} page @param {() => Promise<string>} pickEmoji lets one choose any emoji, "" for none */
  constructor(page, pickEmoji) {
    this.#page = page;
    this.#pickEmoji = pickEmoji;
    this.#menu.className = "sheet act-menu";
    this.#menu.id = "act-menu";
    this.#menu.ariaLabel = page.app.words.say("js.act.more");
    document.body.append(this.#menu);
    this.#rows.addEventListener("pointerover", (event) => event.pointerType !== "touch" && this.#hover(event.target));
    this.#rows.addEventListener("pointerleave", () => this.#hide());
    this.#rows.addEventListener("focusin", (event) => this.#hover(event.target));
    this.#rows.addEventListener("focusout", (event) => !this.#rows.contains(/** @type {Node | null} */ (event.relatedTarget)) && this.#hide());
    this.#rows.addEventListener("click", (event) => this.#click(event));
    document.querySelector("parley-log .scroll")?.addEventListener("keydown", (event) => this.#key(/** @type {KeyboardEvent} */ (event)));
    addEventListener("resize", () => this.#menu.open && this.#place());
    this.#menu.addEventListener("keydown", (event) => this.#step(event));
  }

  /** The message of a row, where it is one that something can be done with. @param {Element | null | undefined} row */
  #message(row) {
    const seq = Number(row?.getAttribute("data-seq"));
    const message = seq ? this.#page.app.current.log.asShown(seq) : undefined;
    return message && !message.deleted ? message : null;
  }

  /** @param {EventTarget | null} target */
  #hover(target) {
    const row = /** @type {Element} */ (target).closest(".row");
    if (!row || row.contains(this.#bar)) return;
    const bubble = this.#message(row) && row.querySelector(".bubble");
    if (!bubble) this.#hide();
    if (!bubble || this.#menu.open) return;
    const left = /** @type {HTMLElement | null} */ (this.#bar.closest(".row"));
    if (left && this.#bar.contains(document.activeElement)) focusRow(left); // it would be lost
    bubble.append(this.#bar);
  }

  #hide() {
    if (!this.#menu.open && !this.#bar.contains(document.activeElement)) this.#bar.remove();
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    const row = /** @type {HTMLElement | null | undefined} */ (button?.closest(".row"));
    const message = this.#message(row);
    if (!button || !row || !message) return;
    if (button.dataset.emoji) this.react(message, button.dataset.emoji);
    else if (button.classList.contains("add") || button.dataset.act === "react") this.#open(row, message, button, true);
    else if (button.classList.contains("more") || button.dataset.act === "more") this.#open(row, message, button);
    else if (button.dataset.act === "reply" && actions[0].may(message, this.#page)) actions[0].act(message, this.#page, row);
  }

  /** Sets a reaction of one's own, or takes it back. @param {Message} message @param {string} emoji */
  react(message, emoji) {
    const { app } = this.#page;
    if (app.current.facts.archived) return notice(app.words.say("js.act.archived"));
    const under = app.current.log.asShown(message.seq ?? 0)?.reactions?.find((reaction) => reaction.emoji === emoji);
    app.change({ act: "react", emoji, on: !under?.users.includes(app.me.user) }, message);
  }

  /** @param {Message} message */
  async #reactWithAny(message) {
    const { app } = this.#page;
    const { current } = app;
    const emoji = await this.#pickEmoji();
    if (emoji && app.current === current) this.react(message, emoji);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const isLog = target.classList.contains("scroll");
    if (!isLog && !target.classList.contains("row")) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const stop = /** @type {HTMLElement | null} */ (this.#rows.querySelector('.row[tabindex="0"]'));
      const row = isLog ? stop : (rowBeside(target, event.key === "ArrowUp" ? -1 : 1) ?? target);
      if (!row) return;
      focusRow(row);
      row.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !isLog) {
      const message = this.#message(target);
      if (message) this.#open(target, message, target);
    } else {
      return;
    }
    event.preventDefault();
  }

  /**
   * @param {HTMLElement} row @param {Message} message @param {HTMLElement} from what it was opened by
   * @param {boolean} [isForReaction] then only emoji are offered
   */
  #open(row, message, from, isForReaction = false) {
    const { words } = this.#page.app;
    const quick = document.createElement("div");
    quick.className = "quick";
    quick.append(
      ...atHand.map((emoji) => this.#button(emoji, () => this.react(message, emoji))),
      this.#button("+", () => this.#reactWithAny(message), words.say("js.act.emoji")),
    );
    const offered = actions.filter((action) => action.may(message, this.#page));
    const list = document.createElement("div");
    list.className = "stack";
    list.append(
      ...offered.map((action) => {
        const label = words.say(action.label(message, this.#page));
        const button = this.#button(label, () => action.act(message, this.#page, row));
        button.dataset.action = action.name;
        button.classList.toggle("quiet", Boolean(action.isGrave));
        return button;
      }),
    );
    const reacts = this.#page.app.current.facts.archived ? [] : [quick];
    this.#menu.replaceChildren(...reacts, ...(isForReaction ? [] : [list]));
    openDialog(this.#menu);
    this.#from = from;
    this.#place();
  }

  /** @param {string} text @param {() => void} act @param {string} [label] */
  #button(text, act, label) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    if (label) button.ariaLabel = button.title = label;
    const { app } = this.#page;
    const { current } = app;
    button.addEventListener("click", () => {
      this.#menu.close(); // which gives the focus back; what is done now may take it elsewhere
      if (app.current === current) act(); // else one was put out of the room meanwhile
    });
    return button;
  }

  /** Beside what it was opened by, as far as there is room. */
  #place() {
    const { style } = this.#menu;
    if (!matchMedia(WIDE).matches) {
      style.margin = style.left = style.top = "";
      return;
    }
    const [at, box] = [(this.#from ?? this.#rows).getBoundingClientRect(), this.#menu.getBoundingClientRect()];
    const most = (/** @type {number} */ wanted, /** @type {number} */ room) => Math.max(8, Math.min(wanted, room - 8));
    style.margin = "0";
    style.left = `${most(at.left, innerWidth - box.width)}px`;
    const isRoom = at.bottom + 4 + box.height <= innerHeight - 8;
    style.top = `${most(isRoom ? at.bottom + 4 : at.top - 4 - box.height, innerHeight - box.height)}px`;
  }

  /** The arrows go from one thing to the next. @param {KeyboardEvent} event */
  #step(event) {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const buttons = [...this.#menu.querySelectorAll("button")];
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    buttons[(at + by + buttons.length) % buttons.length].focus();
    event.preventDefault();
  }
}
