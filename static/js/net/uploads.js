import { clock as browserClock } from "../lib/clock.js";
import { makeId } from "./protocol.js";

/** @typedef {import("./protocol.js").StoredFile} StoredFile */

/**
 * A file on its way to the server. It never changes: it is replaced by another.
 * - waiting: for others before it. sending: `sent` of its bytes are under way. stored: the server has it as `file`.
 * - failed: it may be tried again. refused: trying again is no use, by what the page knows or the server says.
 * @typedef {object} Upload
 * @property {string} key what this page calls it
 * @property {string} room
 * @property {string} name
 * @property {string} type what the browser takes it for; the server looks itself
 * @property {number} size
 * @property {"waiting" | "sending" | "stored" | "failed" | "refused"} state
 * @property {number} sent bytes
 * @property {string} [code] why it failed or was refused: "network", "too_large", "empty", or what the server says
 * @property {string} [reason] a sentence of the server
 * @property {string} [limit] the setting of the server that was kept to
 * @property {StoredFile} [file]
 */

/** What is uploaded: a File, or what looks like one. @typedef {{ name: string, type: string, size: number }} Source */

/** The server's answer: status 0 where there was none. @typedef {{ status: number, body: any }} Answer */

/**
 * Sends the bytes of one file.
 * @callback Transfer
 * @param {{ room: string, name: string, source: any }} what
 * @param {{ progress: (sent: number) => void, done: (answer: Answer) => void }} hears `done` is called once, unless it is ended before
 * @returns {() => void} ends it
 */

/** So many files are sent at once: a third would only make each of them slower. */
const AT_ONCE = 2;
/** A transfer that makes no progress for so long is given up: the network has gone without telling. Milliseconds. */
const STALLED = 60_000;

/** The files that this page sends to the server, a few at a time and in their order, whatever room is shown meanwhile. */
export class Uploads {
  /** Called with a file whose state is another, or of which more was sent. @type {(upload: Upload) => void} */
  onChange = () => {};

  #transfer;
  #limit;
  #clock;
  /** @type {Map<string, Upload>} in the order in which they were added */
  #uploads = new Map();
  /** @type {Map<string, Source>} */
  #sources = new Map();
  /** @type {Map<string, { end: () => void, timer: any }>} those under way */
  #running = new Map();

  /** @param {{ transfer: Transfer, limit?: () => number, clock?: import("../lib/clock.js").Clock }} options `limit`: bytes of a file; 0 means none */
  constructor({ transfer, limit = () => 0, clock = browserClock }) {
    this.#transfer = transfer;
    this.#limit = limit;
    this.#clock = clock;
  }

  /** @param {string} key @returns {Upload | undefined} */
  get(key) {
    return this.#uploads.get(key);
  }

  /** What a file was read from. @param {string} key @returns {any} */
  source(key) {
    return this.#sources.get(key);
  }

  /** @returns {Upload[]} */
  get all() {
    return [...this.#uploads.values()];
  }

  /** Begins to send a file. One that the server would not take is refused before a byte is sent. @param {string} room @param {Source} source @returns {Upload} */
  add(room, source) {
    const { name, type, size } = source;
    const most = this.#limit();
    const code = most > 0 && size > most ? "too_large" : size === 0 ? "empty" : undefined;
    /** @type {Upload} */
    const upload = { key: makeId(), room, name, type, size, sent: 0, state: code ? "refused" : "waiting", code };
    this.#uploads.set(upload.key, upload);
    this.#sources.set(upload.key, source);
    this.onChange(upload);
    this.#next();
    return this.#uploads.get(upload.key) ?? upload;
  }

  /** Sends a file that failed once more, from its beginning. @param {string} key */
  retry(key) {
    const upload = this.#uploads.get(key);
    if (upload?.state !== "failed") return;
    this.#change({ ...upload, state: "waiting", sent: 0, code: undefined, reason: undefined, limit: undefined });
    this.#next();
  }

  /** The server can be reached again: sends what failed because it could not be. */
  resume() {
    for (const { key, state, code } of this.all) if (state === "failed" && code === "network") this.retry(key);
  }

  /** Forgets a file, and ends its sending. @param {string} key */
  drop(key) {
    this.#end(key)?.();
    this.#uploads.delete(key);
    this.#sources.delete(key);
    this.#next();
  }

  #next() {
    for (const { key, state } of this.all) {
      if (this.#running.size >= AT_ONCE) return;
      if (state === "waiting") this.#send(key);
    }
  }

  /** @param {string} key */
  #send(key) {
    const upload = /** @type {Upload} */ (this.#uploads.get(key));
    /** @type {{ end: () => void, timer: any }} */
    const running = { end: () => {}, timer: null };
    this.#running.set(key, running);
    const isOn = () => this.#running.get(key) === running;
    const watch = () => {
      this.#clock.clearTimeout(running.timer);
      running.timer = this.#clock.setTimeout(() => {
        this.#end(key)?.();
        this.#finished(key, { status: 0, body: null });
      }, STALLED);
    };
    watch();
    this.#change({ ...upload, state: "sending" });
    running.end = this.#transfer(
      { room: upload.room, name: upload.name, source: this.#sources.get(key) },
      {
        progress: (sent) => {
          const now = this.#uploads.get(key);
          if (!isOn() || !now) return;
          watch();
          this.#change({ ...now, sent: Math.min(sent, now.size) });
        },
        done: (answer) => {
          if (!isOn()) return;
          this.#end(key);
          this.#finished(key, answer);
        },
      },
    );
  }

  /** @param {string} key @param {Answer} answer */
  #finished(key, { status, body }) {
    const upload = /** @type {Upload} */ (this.#uploads.get(key));
    if (status === 201 && typeof body?.id === "string") {
      this.#change({ ...upload, state: "stored", sent: upload.size, file: body });
    } else {
      const code = status === 0 ? "network" : (body?.error?.code ?? (status === 413 ? "too_large" : "unavailable"));
      const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
      const { message: reason, limit } = body?.error ?? {};
      this.#change({ ...upload, state: isFinal ? "refused" : "failed", sent: 0, code, reason, limit });
    }
    this.#next();
  }

  /** Counts a file as under way no longer. @param {string} key @returns {(() => void) | undefined} what ends it, if it still was */
  #end(key) {
    const running = this.#running.get(key);
    this.#running.delete(key);
    this.#clock.clearTimeout(running?.timer);
    return running?.end;
  }

  /** @param {Upload} upload */
  #change(upload) {
    this.#uploads.set(upload.key, upload);
    this.onChange(upload);
  }
}
