import { isolate } from "../lib/text.js";
import { confirmed } from "./confirm.js";
import { drawList, fromTemplate } from "./list.js";

/** @typedef {import("../net/protocol.js").About} About */
/** @typedef {import("../net/protocol.js").Insider} Insider */
/** Asks the server, and says why not. @typedef {(command: any, wrong?: HTMLElement) => Promise<any>} Ask */

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(`#room ${selector}`));

/** What the sheet of a closed room has for those who are in it, and for those who look after it. */
export class Insiders {
  #app;
  #ask;
  #say;
  /** @type {About | null} */
  #about = null;
  #isKept = false;

  /**
   * @param {import("./app.js").App} app @param {Ask} ask @param {(words: string) => void} say what has come of it
   * @param {AbortSignal} signal the end of the sheet
   */
  constructor(app, ask, say, signal) {
    this.#app = app;
    this.#ask = ask;
    this.#say = say;
    find(".password-form").addEventListener("submit", (/** @type {Event} */ event) => this.#change(event), { signal });
    find(".insiders").addEventListener("click", (/** @type {MouseEvent} */ event) => this.#clicked(event), { signal });
    find(".insiders").hidden = find(".password-form").hidden = find("#new-password-wrong").hidden = true;
    find(".password-form").reset();
    find(".insiders ul").replaceChildren();
  }

  /** @param {About} about @param {boolean} isKept whether one looks after the room */
  draw(about, isKept) {
    this.#about = about;
    this.#isKept = isKept;
    const { room, insiders = [] } = about;
    find(".password-form").hidden = !this.#isKept || !room.startsWith("~") || room.includes(".");
    find(".insiders").hidden = insiders.length === 0;
    drawList(find(".insiders ul"), insiders, ({ user }) => user, () => fromTemplate("insider"), (entry, one) => this.#fill(entry, one));
  }

  /** @param {HTMLElement} entry @param {Insider} insider */
  #fill(entry, { user, name, role }) {
    const { words } = this.#app;
    /** @type {HTMLElement} */ (entry.querySelector("bdi")).textContent = name;
    /** @type {HTMLElement} */ (entry.querySelector(".role")).textContent = role === "member" ? "" : words.say("js.room.owner");
    const button = /** @type {HTMLButtonElement} */ (entry.querySelector("button"));
    button.hidden = role !== "member" || !this.#isKept || user === this.#app.me.user;
    button.textContent = words.say("js.room.remove");
    button.ariaLabel = `${button.textContent}: ${name}`;
    button.dataset.user = user;
  }

  /** @param {MouseEvent} event */
  async #clicked(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
    const insider = this.#about?.insiders?.find(({ user }) => user === button?.dataset.user);
    if (!this.#about || !insider) return;
    const { words } = this.#app;
    const { room } = this.#about;
    const name = isolate(insider.name);
    const isSure = await confirmed({
      title: words.say("js.room.remove.title", { name, room: this.#app.titleOf(room) }),
      text: words.say("js.room.remove.text", { name }),
      stay: words.say("js.answer.cancel"),
      go: words.say("js.room.remove"),
    });
    if (!isSure || !(await this.#ask({ type: "remove", room, user: insider.user }))) return;
    this.#say(words.say("js.room.removed", { name }));
    const about = await this.#ask({ type: "about", room });
    if (about) this.draw(about, this.#isKept);
    find('[data-act="close"]').focus(); // the button that had the focus is gone
  }

  /** @param {Event} event */
  async #change(event) {
    event.preventDefault();
    const field = find("#new-password");
    const wrong = find("#new-password-wrong");
    wrong.hidden = true;
    if (!(await this.#ask({ type: "password", room: this.#about?.room, password: field.value }, wrong))) return;
    field.value = "";
    this.#say(this.#app.words.say("js.room.password"));
  }
}
