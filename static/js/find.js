// Looking for messages: the sheets of the search and of what means oneself. Loaded when one of them is first opened.

import { openDialog } from "./ui/dialogs.js";
import { appendHits, wireArrows } from "./ui/hits.js";

/** @typedef {import("./ui/app.js").App} App */
/** @typedef {import("./net/protocol.js").Hit} Hit */

/** How many hits are shown at once. */
const PAGE = 20;
/** How long to wait before asking again, where the server was asked for too much and doesn't say. Milliseconds. */
const WAIT = 1000;

/** @type {Map<string, Finder>} */
const finders = new Map();

/** Opens the search or the list of mentions. @param {App} app @param {"search" | "mentions"} kind @param {string} query what is looked for at once */
export function openFinder(app, kind, query) {
  let finder = finders.get(kind);
  if (!finder) finders.set(kind, (finder = kind === "search" ? new Search(app) : new Mentions(app)));
  finder.open(query);
}

/** A sheet with messages that are asked for page by page. */
class Finder {
  /** @type {HTMLDialogElement} */
  box;
  /** @type {HTMLElement} */
  list;
  #status;
  #more;
  #busy;
  /** The answer that is waited for; another one comes too late. */
  #asked = 0;
  #before = "";
  #shown = 0;
  /** What is asked page by page, whatever stands in the field meanwhile. @type {any} */
  #question;

  /** @param {App} app @param {string} id @param {string} title */
  constructor(app, id, title) {
    this.app = app;
    this.box = /** @type {HTMLDialogElement} */ (element("dialog", "sheet find"));
    this.box.id = id;
    this.box.setAttribute("aria-labelledby", `${id}-title`);
    const heading = element("h2", "");
    heading.id = `${id}-title`;
    heading.textContent = title;
    const shut = /** @type {HTMLTemplateElement} */ (document.getElementById("shut")).content.cloneNode(true);
    this.list = element("ol", "hits");
    this.#status = element("p", "found");
    this.#status.role = "status";
    this.#busy = /** @type {HTMLProgressElement} */ (element("progress", ""));
    this.#busy.ariaLabel = app.words.say("js.find.busy");
    this.#more = /** @type {HTMLButtonElement} */ (element("button", ""));
    this.#more.type = "button";
    this.#more.textContent = app.words.say("js.find.more");
    this.#more.addEventListener("click", () => this.#next());
    this.box.append(heading, shut, this.#status, this.list, this.#busy, this.#more);
    this.box.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (target.closest(".shut") || target.closest("a")) this.box.close();
    });
    this.box.addEventListener("close", () => !this.box.open && this.#stop());
    document.body.append(this.box);
    this.say("");
    this.#show(false);
  }

  /** @param {string} _query */
  open(_query) {
    openDialog(this.box);
  }

  /** What is asked, but for where to go on. @returns {any} */
  question() {}

  /** What is said where nothing is found. @returns {string} */
  nothing() {
    return "";
  }

  /** Begins anew. */
  begin() {
    this.list.replaceChildren();
    this.#before = "";
    this.#shown = 0;
    this.#question = this.question();
    return this.#next();
  }

  /** @param {string} text @param {boolean} [wrong] */
  say(text, wrong = false) {
    this.#status.textContent = text;
    this.#status.classList.toggle("wrong", wrong);
  }

  /** Asks on until there is a page more, or nothing is left: an answer may have looked at years in which there was nothing. */
  async #next() {
    const asked = ++this.#asked;
    const first = this.#shown;
    this.#show(true);
    this.say(this.app.words.say("js.find.looking"));
    try {
      let behind = false;
      do {
        const answer = await this.#ask(first + PAGE - this.#shown);
        if (asked !== this.#asked) return;
        appendHits(this.list, answer.hits, this.app);
        this.#shown += answer.hits.length;
        this.#before = answer.before;
        behind = Boolean(answer.behind);
        if (this.#before && this.#shown > 0) this.say(this.app.words.say("js.find.further"));
        if (this.#before && this.#shown === 0) this.say(this.app.words.say("js.find.years"));
      } while (this.#before && this.#shown < first + PAGE);
      this.#ended(first, behind);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.say(/** @type {Error} */ (error).message, true);
    }
    this.#show(false);
  }

  /**
   * One answer, after a pause where the server was asked for too much.
   * @param {number} limit
   * @returns {Promise<{ hits: Hit[], before: string, behind?: boolean }>}
   */
  async #ask(limit) {
    for (;;) {
      try {
        return await this.app.ask({ ...this.#question, ...(this.#before && { before: this.#before }), limit });
      } catch (error) {
        const { code, wait = WAIT } = /** @type {any} */ (error);
        if (code !== "rate_limited" || !this.box.open) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  /** Says what was found, and shows the first that is new to whoever asked for more. @param {number} first @param {boolean} behind */
  #ended(first, behind) {
    const { words } = this.app;
    let said = this.#before ? words.count("js.find.some", this.#shown) : words.count("js.find.all", this.#shown);
    if (this.#shown === 0) said = this.nothing();
    this.say(behind ? `${said} ${words.say("js.find.behind")}` : said);
    if (first > 0) this.list.children[first]?.querySelector("a")?.focus();
  }

  /** @param {boolean} isBusy */
  #show(isBusy) {
    this.#busy.hidden = !isBusy;
    this.#more.hidden = isBusy || this.#before === "";
  }

  #stop() {
    if (!this.#busy.hidden) this.say("");
    this.#asked++;
    this.#show(false);
  }
}

/** What means oneself, in whatever room. */
class Mentions extends Finder {
  /** @param {App} app */
  constructor(app) {
    super(app, "mentions", app.words.say("js.mention.title"));
    wireArrows(this.box, this.list);
  }

  /** @param {string} query */
  open(query) {
    super.open(query);
    this.begin();
  }

  question() {
    return { type: "mentions" };
  }

  nothing() {
    return this.app.words.say("js.mention.none");
  }
}

/** A field for what is looked for, and whether here or everywhere. */
class Search extends Finder {
  #form = /** @type {HTMLFormElement} */ (element("form", ""));
  #field = /** @type {HTMLInputElement} */ (element("input", ""));
  #places = /** @type {HTMLElement} */ (element("fieldset", "choice"));
  #room = "";

  /** @param {App} app */
  constructor(app) {
    super(app, "search", app.words.say("js.find.title"));
    const { words } = app;
    const go = /** @type {HTMLButtonElement} */ (element("button", "primary"));
    go.textContent = words.say("js.find.go");
    Object.assign(this.#field, { type: "search", name: "query", maxLength: 256, autocomplete: "off", enterKeyHint: "search" });
    this.#field.dir = "auto";
    this.#field.ariaLabel = words.say("js.find.label");
    this.#field.setAttribute("aria-describedby", "search-hint");
    const hint = element("p", "hint");
    hint.id = "search-hint";
    hint.textContent = words.say("js.find.hint");
    const line = element("div", "line");
    line.append(this.#field, go);
    this.#form.role = "search";
    this.#form.append(line, this.#places, hint);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#look();
    });
    this.box.querySelector(".found")?.before(this.#form);
    wireArrows(this.box, this.list, this.#field);
  }

  /** @param {string} query */
  open(query) {
    const { name } = this.app.current;
    if (this.#room !== name) {
      this.#room = name;
      this.#offer();
    }
    super.open(query);
    this.#field.focus();
    if (query) this.#field.value = query;
    this.#field.select();
    if (query) this.#look();
  }

  /** This room or all. */
  #offer() {
    const { words } = this.app;
    const legend = element("legend", "unseen");
    legend.textContent = words.say("js.find.where");
    const here = choice("here", this.app.headingOf(this.#room), true);
    this.#places.replaceChildren(legend, here, choice("all", words.say("js.find.everywhere"), false));
    this.#places.onchange = () => this.#field.value.trim() && this.#look();
  }

  #look() {
    if (this.#field.value.trim() === "") return this.say(this.app.words.say("js.find.empty"), true);
    this.begin();
  }

  question() {
    const isHere = /** @type {HTMLInputElement} */ (this.#places.querySelector("input")).checked;
    return { type: "search", query: this.#field.value, ...(isHere && { room: this.#room }) };
  }

  nothing() {
    return this.app.words.say("js.find.nothing");
  }
}

/** @param {string} name @param {string} className */
function element(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

/** @param {string} value @param {string} label @param {boolean} checked */
function choice(value, label, checked) {
  const made = document.createElement("label");
  const radio = document.createElement("input");
  Object.assign(radio, { type: "radio", name: "where", value, checked });
  const name = document.createElement("bdi");
  name.textContent = label;
  made.append(radio, name);
  return made;
}
