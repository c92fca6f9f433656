// Loaded when a file is attached first (ui/attach.js).

import { sizeText } from "./lib/size.js";
import { takeBack, transferWith } from "./net/transfer.js";
import { Uploads } from "./net/uploads.js";
import { speak } from "./ui/status.js";
import { drawProgress, drawUpload } from "./ui/upload.js";

/** @typedef {import("./net/uploads.js").Upload} Upload */
/** @typedef {import("./net/entry.js").Part} Part */

/** So many files a message may have. */
const MOST = 10;
/** Where the names of what is attached are kept as long as the tab is there. ui/attach.js reads them. */
const ATTACHED = "parley.attached";
/** What a browser shows as a small picture while it is uploaded. */
const PICTURES = /^image\/(png|jpeg|gif|webp|avif|svg\+xml)$/;
/** Why a file is not on the server, by the limit that was kept to or the code. @type {Record<string, string>} */
const WHY = {
  network: "js.files.why.network",
  too_large: "js.files.why.too_large",
  empty: "js.files.why.empty",
  bad_image: "js.files.why.bad_image",
  full: "js.files.why.full",
  "upload.user_bytes": "js.files.why.full_own",
  rate_limited: "js.files.why.rate_limited",
  unauthorized: "js.files.why.unauthorized",
  forbidden: "js.files.why.forbidden",
  not_found: "js.files.why.not_found",
  bad_request: "js.files.why.bad_request",
  unavailable: "js.files.why.unavailable",
};

/**
 * The files that one attaches: above the field until the message is sent, in its row until it is stored. They are uploaded as soon as
 * they are here, whatever room is shown.
 */
export class Attach {
  #app;
  #composer;
  #token;
  #uploads;
  #tray = /** @type {HTMLElement} */ (document.querySelector(".tray"));
  /** The keys of what stands above the field, by room. @type {Map<string, string[]>} */
  #waiting = new Map();
  /** Pictures on this device, by key. @type {Map<string, string>} */
  #previews = new Map();

  /** @param {import("./ui/app.js").App} app @param {import("./ui/composer.js").Composer} composer */
  constructor(app, composer) {
    this.#app = app;
    this.#composer = composer;
    this.#token = /** @type {HTMLInputElement} */ (document.querySelector('input[name="token"]')).value;
    this.#uploads = new Uploads({ transfer: transferWith(this.#token), limit: () => app.fileBytes });
    this.#uploads.onChange = (upload) => this.#changed(upload);
    this.#tray.addEventListener("click", (event) => this.#click(event));
    document.querySelector("parley-log .rows")?.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("parley-upload", (event) => this.#drawAt(/** @type {CustomEvent<HTMLElement>} */ (event).detail));
    app.addEventListener("room", () => this.#drawTray());
    app.addEventListener("pending", () => this.#follow());
    app.addEventListener("welcome", () => this.#again());
    composer.attached = this;
  }

  /** @param {string} room @param {File[]} files */
  add(room, files) {
    const keys = this.#keys(room);
    const fit = files.slice(0, Math.max(0, MOST - keys.length));
    for (const file of fit) {
      const upload = this.#uploads.add(room, file);
      keys.push(upload.key);
      if (PICTURES.test(file.type)) this.#previews.set(upload.key, URL.createObjectURL(file));
      if (upload.state === "refused") speak(this.#why(upload, upload.name));
    }
    this.#waiting.set(room, keys);
    this.#drawTray();
    if (fit.length < files.length) this.#composer.warn(this.#app.words.count("js.files.most", MOST));
  }

  /** Whether there is something to send in a room. @param {string} room */
  has(room) {
    return this.#keys(room).some((key) => this.#uploads.get(key)?.state !== "refused");
  }

  /** Gives a message its files. What can't be sent stays behind. @param {string} room @returns {Part[]} */
  take(room) {
    const uploads = this.#keys(room).flatMap((key) => this.#uploads.get(key) ?? []);
    this.#waiting.delete(room);
    for (const { key, state } of uploads) if (state === "refused") this.#drop(key);
    const parts = uploads.filter(({ state }) => state !== "refused").map(({ key, name, type, size, file }) => ({ name, type, size, ...file, key }));
    this.#drawTray();
    return parts;
  }

  /** @param {string} room */
  #keys(room) {
    return this.#waiting.get(room) ?? [];
  }

  /** Has the browser ask before one leaves the page while that would end an upload. Only then: it keeps no page for Back that may ask. */
  #guard() {
    const isBusy = this.#uploads.all.some(({ state }) => state === "waiting" || state === "sending");
    if (isBusy) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  }

  /** @param {Upload} upload */
  #changed(upload) {
    this.#guard();
    const { key, name, state, file, code = "" } = upload;
    this.#redraw(upload);
    if (this.#isInTray(upload)) {
      if (state === "failed" || state === "refused") speak(this.#why(upload, name));
      if (state !== "sending") this.#composer.showReady();
    } else if (state === "stored" && file) {
      this.#app.outbox.uploaded(key, file);
    } else if (state === "failed" || state === "refused") {
      this.#app.outbox.notUploaded(key, code, this.#why(upload, name));
    }
  }

  /** @param {Upload} upload */
  #isInTray({ key, room }) {
    return this.#keys(room).includes(key);
  }

  /** Why a file is not on the server, a sentence. @param {Upload} upload @param {string} [name] said before it */
  #why({ code = "", limit = "", size }, name) {
    const { words } = this.#app;
    const why = words.say(WHY[limit] ?? WHY[code] ?? WHY.unavailable, { size: sizeText(size, words.lang), most: sizeText(this.#app.fileBytes, words.lang) });
    return name ? words.say("js.files.failed", { name: `\u2068${name}\u2069`, why }) : why;
  }

  /** After the messages on their way have changed: goes on with what is sent again, and forgets what nobody waits for. */
  #follow() {
    const { entries } = this.#app.outbox;
    for (const { state, files = [] } of entries) {
      if (state !== "waiting") continue;
      for (const { key, id } of files) if (!id) this.#goOn(key);
    }
    const wanted = new Set([...this.#waiting.values(), ...entries.map(({ files = [] }) => files.map((file) => file.key))].flat());
    for (const { key } of this.#uploads.all) if (!wanted.has(key)) this.#drop(key);
  }

  /** @param {string} key of a file whose message waits for it */
  #goOn(key) {
    const upload = this.#uploads.get(key);
    if (upload?.state === "failed") this.#uploads.retry(key);
    else if (upload?.state === "stored" || upload?.state === "refused") this.#changed(upload);
  }

  /** The server can be reached again. */
  #again() {
    this.#uploads.resume();
    for (const { id, state, code } of this.#app.outbox.entries) {
      if (state === "failed" && code === "network") this.#app.outbox.retry(id);
    }
  }

  /** @param {Event} event */
  #click(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button[data-attach]"));
    const key = button?.closest("[data-upload]")?.getAttribute("data-upload");
    if (!key) return;
    if (button?.dataset.attach === "again") {
      this.#uploads.retry(key);
      return;
    }
    this.#remove(key);
    // The button that had the focus is gone. On touch the field would bring the keyboard.
    if (matchMedia("(pointer: coarse)").matches) document.getElementById("attach")?.focus({ preventScroll: true });
    else this.#composer.focus();
  }

  /** One doesn't want to send a file after all. @param {string} key */
  #remove(key) {
    const upload = this.#uploads.get(key);
    if (!upload) return;
    const { room, file } = upload;
    const isInTray = this.#isInTray(upload);
    this.#waiting.set(room, this.#keys(room).filter((other) => other !== key));
    if (file) takeBack(file.id, this.#token);
    this.#drop(key);
    if (isInTray) this.#drawTray();
    else this.#app.outbox.detach(key);
  }

  /** @param {string} key */
  #drop(key) {
    this.#uploads.drop(key);
    this.#guard();
    const preview = this.#previews.get(key);
    this.#previews.delete(key);
    if (preview) URL.revokeObjectURL(preview);
  }

  #drawTray() {
    const keys = this.#keys(this.#app.current.name);
    keepNames([...this.#waiting.values()].flat().flatMap((key) => this.#uploads.get(key)?.name ?? []));
    this.#tray.hidden = keys.length === 0;
    /** @type {Map<string | null, Element>} */
    const there = new Map([...this.#tray.children].map((item) => [item.getAttribute("data-upload"), item]));
    this.#tray.replaceChildren(...keys.map((key) => there.get(key) ?? this.#item(key)));
    this.#composer.showReady();
  }

  /** @param {string} key */
  #item(key) {
    const item = document.createElement("li");
    item.className = "file upload";
    item.dataset.upload = key;
    this.#drawAt(item);
    return item;
  }

  /** @param {HTMLElement} place */
  #drawAt(place) {
    const upload = this.#uploads.get(place.dataset.upload ?? "");
    if (!upload) return;
    const preview = this.#previews.get(upload.key);
    const why = upload.code && this.#isInTray(upload) ? this.#why(upload) : ""; // a row says it below, for all of its files
    drawUpload(place, upload, { preview, why, words: this.#app.words });
  }

  /** Everywhere where a file is shown. @param {Upload} upload */
  #redraw(upload) {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`.upload[data-upload="${upload.key}"]`))) {
      if (place.dataset.state === "sending" && upload.state === "sending") drawProgress(place, upload, this.#app.words);
      else this.#drawAt(place);
    }
  }
}

/** @param {BeforeUnloadEvent} event */
function ask(event) {
  event.preventDefault();
  event.returnValue = true; // for browsers that know only this
}

/** Remembers what is attached, so that a page that is loaded again can say what it has lost. @param {string[]} names */
function keepNames(names) {
  try {
    if (names.length > 0) sessionStorage.setItem(ATTACHED, JSON.stringify(names));
    else sessionStorage.removeItem(ATTACHED);
  } catch {
    // this browser keeps nothing
  }
}
