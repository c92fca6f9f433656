import { clean, countCharacters } from "../lib/text.js";
import { clock as browserClock } from "../lib/clock.js";
import { commandOf, isUploading } from "./entry.js";
import { Kept } from "./kept.js";
import { makeId } from "./protocol.js";
import { Tabs } from "./tabs.js";
import { Turn } from "./turn.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {import("./entry.js").Part} Part */

/** How long the disk may take to say what a crash left there, before sending begins without it. Milliseconds. */
const DISK = 2000;

/**
 * Messages that the server has not acknowledged. Each is in the device's storage before it is sent and stays there, with its id,
 * until it is acknowledged or refused: the same id again is no second message. One is sent at a time, so that they arrive in
 * the order in which they were written. Whatever the device holds when a page begins is sent.
 */
export class Outbox {
  /** Called when the entries have changed. @type {() => void} */
  onChange = () => {};
  /** Called when the server refused a change that nothing shows any more: why. @type {(reason: string) => void} */
  onRefused = () => {};

  #user;
  #kept;
  #tabs;
  #turn;
  #send;
  #clock;
  #limit;
  /** @type {Entry[]} in the order in which they were written */
  #entries = [];
  /** The disk has not said yet what it holds. */
  #asking = false;

  /**
   * @param {object} options
   * @param {Storage | null} options.storage null where the browser keeps nothing
   * @param {import("./disk.js").Disk | null} [options.disk] null where it has no database
   * @param {string} options.user whose messages these are: another user of the same browser never sends them
   * @param {(command: import("./protocol.js").Command) => boolean} options.send false where there is no connection
   * @param {string} [options.tab] this tab, the same after a reload
   * @param {number} [options.limit] characters of a message; 0 means none
   * @param {import("../lib/clock.js").Clock} [options.clock]
   * @param {() => number} [options.random]
   */
  constructor({ storage, disk = null, user, send, tab = "", limit = 0, clock = browserClock, random = Math.random }) {
    this.#user = user;
    this.#kept = new Kept(storage, disk, user, clock);
    this.#tabs = new Tabs(tab, clock, () => {
      this.#load();
      this.#turn.next();
    });
    this.#turn = new Turn(clock, random, () => this.#sendNext());
    this.#send = send;
    this.#limit = limit;
    this.#clock = clock;
    this.#load();
    this.#ask();
  }

  /** Whether a reload would find what is here. */
  get kept() {
    return this.#kept.isSafe;
  }

  /** @param {number} limit characters of a message; 0 means none */
  set limit(limit) {
    this.#limit = limit;
  }

  /** What is on its way to a room, in the order in which it was written. @param {string} room @returns {Entry[]} */
  in(room) {
    return this.#entries.filter((entry) => entry.room === room);
  }

  /** Everything on its way. @returns {readonly Entry[]} */
  get entries() {
    return this.#entries;
  }

  /** How many characters a text has beyond the limit; 0 where it fits. @param {string} text */
  over(text) {
    return this.#limit > 0 ? Math.max(0, countCharacters(clean(text)) - this.#limit) : 0;
  }

  /**
   * Puts a message in and sends it as soon as it can be sent.
   * @param {{ room: string, text: string, reply_to?: number, quote?: import("./protocol.js").Quote, files?: Part[] } | { to: string, text: string, reply_to?: number }} message
   * @returns {Entry | null} null for a text that is too long or, without a file, empty, which never enters
   */
  add(message) {
    const text = clean(message.text);
    const files = "files" in message && message.files?.length ? message.files : undefined;
    if ((text.trim() === "" && !files) || this.over(text) > 0) return null;
    return this.#put(this.#tabs.own({ ...message, files, id: makeId(), text, at: 0, state: "waiting" }));
  }

  /**
   * Puts in what changes a stored message, behind all that was written before. A new text takes the place of one that was refused.
   * @param {{ act: "edit", text: string } | { act: "delete" } | { act: "react", emoji: string, on: boolean }} change
   * @param {{ room: string, of: number }} message
   * @returns {Entry | null} null for a text that is empty or too long, which never enters
   */
  change(change, message) {
    const text = change.act === "edit" ? clean(change.text) : "";
    if (change.act === "edit" && (text.trim() === "" || this.over(text) > 0)) return null;
    if (change.act !== "react") this.#forgetRefused(message);
    return this.#put({ ...change, ...message, id: makeId(), text, at: 0, state: "waiting" });
  }

  /** @param {{ room: string, of: number }} message */
  #forgetRefused({ room, of }) {
    for (const entry of this.#entries) {
      if (entry.act === "edit" && entry.of === of && entry.room === room && entry.state === "failed") this.#remove(entry.id);
    }
  }

  /** @param {Entry} entry */
  #put(entry) {
    entry.at = Math.max(this.#clock.now(), (this.#entries.at(-1)?.at ?? 0) + 1); // the order survives a reload
    this.#entries = [...this.#entries, entry];
    this.#kept.put(entry);
    this.#stayAlive();
    this.onChange();
    this.#turn.next();
    return entry;
  }

  /** Sends again what was refused, with the same id; files that are lost (see `lost`) stay behind. @param {string} id */
  retry(id) {
    const entry = this.#find(id);
    if (entry?.state !== "failed") return;
    const files = entry.code === "lost" ? entry.files?.filter((file) => file.id) : entry.files;
    if (entry.text.trim() === "" && !files?.length) return;
    this.#change(this.#tabs.own({ ...entry, files, state: "waiting", code: undefined, reason: undefined }));
    this.#stayAlive();
    this.#turn.next();
  }

  /** A file is stored; the message that it belongs to goes out when it was the last one. @param {string} key @param {import("./protocol.js").StoredFile} file */
  uploaded(key, file) {
    const entry = this.#withFile(key);
    if (!entry) return;
    const files = entry.files?.map((part) => (part.key === key ? { ...file, key } : part));
    this.#change(this.#tabs.own({ ...entry, files }));
    this.#turn.next();
  }

  /** A file could not be uploaded, and with it its message not sent. @param {string} key @param {string} code @param {string} reason a sentence */
  notUploaded(key, code, reason) {
    const entry = this.#withFile(key);
    if (entry) this.#change({ ...entry, state: "failed", code, reason });
  }

  /** Takes a file out of its message, and the message away where nothing else is in it. @param {string} key */
  detach(key) {
    const entry = this.#withFile(key);
    if (!entry) return;
    const files = entry.files?.filter((part) => part.key !== key);
    if (entry.text.trim() === "" && !files?.length) {
      this.#remove(entry.id);
      return;
    }
    this.#change(this.#tabs.own({ ...entry, files, state: "waiting", code: undefined, reason: undefined }));
    this.#turn.next();
  }

  /** Gives a message up. @param {string} id */
  drop(id) {
    this.#remove(id);
  }

  /** The connection is open and the server has welcomed us: sends what waits, also what other tabs left behind. */
  resume() {
    this.#load();
    this.#turn.begin();
  }

  /** The connection is gone. What was under way is sent again by resume. */
  pause() {
    this.#turn.end();
  }

  /** Takes an answer of the server; frames that don't concern it are left alone. @param {import("./protocol.js").Frame} frame */
  receive(frame) {
    switch (frame.type) {
      case "ack":
        this.#turn.succeeded();
        this.#remove(frame.id);
        break;
      case "edited":
      case "message": // one's own, which comes even where the ack was lost
        if (frame.id) this.#remove(frame.id, frame.user);
        break;
      case "joined":
        for (const { id, user } of frame.messages) if (id) this.#remove(id, user);
        break;
      case "error":
        this.#refused(frame);
        break;
    }
  }

  /** What another tab of this browser stored or removed. @param {{ key: string | null, newValue: string | null }} event a StorageEvent */
  storageChanged({ key, newValue }) {
    const id = this.#kept.idOf(key);
    if (!id) return;
    if (newValue === null) {
      this.#tabs.forget(id);
      this.#remove(id);
    } else if (!this.#find(id)) {
      this.#tabs.wrote(id);
    }
  }

  /** @param {import("./protocol.js").Refusal} refusal */
  #refused({ id, code, message, retry_after_ms }) {
    const entry = id ? this.#find(id) : undefined;
    if (!entry) return;
    if (code === "rate_limited" || code === "unavailable") {
      this.#turn.wait(code === "rate_limited" ? retry_after_ms : 0);
      return;
    }
    if (entry.act && (entry.act !== "edit" || code === "not_found")) { // a text for what has been deleted is of no use
      this.#remove(entry.id);
      this.onRefused(message);
      return;
    }
    this.#change({ ...entry, state: "failed", code, reason: message });
    this.#turn.done(entry.id);
  }

  /** Sends the first that waits. @returns {string} its id, "" where there is none */
  #sendNext() {
    if (this.#asking) return "";
    const entry = this.#entries.find((entry) => entry.state === "waiting" && !isUploading(entry));
    return entry && this.#send(commandOf(entry)) ? entry.id : "";
  }

  /** @param {string} id */
  #find(id) {
    return this.#entries.find((entry) => entry.id === id);
  }

  /** The message that a file belongs to which isn't stored yet. @param {string} key */
  #withFile(key) {
    return this.#entries.find((entry) => entry.files?.some((file) => file.key === key && !file.id));
  }

  #stayAlive() {
    this.#tabs.stayAlive(() => this.#entries, (entry) => this.#kept.store(entry));
  }

  /** @param {string} id @param {string} [user] whose id it is; ids are unique per user only */
  #remove(id, user) {
    if (user !== undefined && user !== this.#user) return;
    if (!this.#find(id)) return;
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    this.#kept.remove(id);
    this.onChange();
    this.#turn.done(id);
  }

  /** @param {Entry} entry */
  #change(entry) {
    this.#entries = this.#entries.map((other) => (other.id === entry.id ? entry : other));
    this.#kept.put(entry);
    this.onChange();
  }

  /** Takes over what the storage holds: of this page before a reload, or of a tab that is gone. */
  #load() {
    this.#takeOver(this.#kept.stored());
  }

  /** Takes over what only the disk holds, which is what the storage has lost in a crash. Until then nothing is sent, for the order's sake. */
  #ask() {
    const written = this.#kept.written();
    if (!written) return;
    this.#asking = true;
    const answered = () => {
      this.#clock.clearTimeout(timer);
      this.#asking = false;
      this.#turn.next();
    };
    const timer = this.#clock.setTimeout(answered, DISK);
    written.then((entries) => this.#takeOver(entries)).catch(() => {}).finally(answered); // a browser may refuse
  }

  /** @param {Entry[]} entries those that are not known yet come in */
  #takeOver(entries) {
    const known = new Set(this.#entries.map((entry) => entry.id));
    const found = entries.flatMap((entry) => (known.has(entry.id) ? [] : (this.#tabs.found(entry) ?? [])));
    if (found.length === 0) return;
    for (const { id } of found) this.#tabs.forget(id);
    this.#entries = [...this.#entries, ...found].sort((a, b) => a.at - b.at);
    this.onChange();
  }
}
