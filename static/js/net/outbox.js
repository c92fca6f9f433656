import { clean, countCharacters } from "../lib/text.js";
import { clock as browserClock } from "../lib/clock.js";
import { makeId } from "./protocol.js";

/**
 * A file of a message on its way: as it will be stored, or, without an id, one that is still being uploaded (uploads.js) under its key.
 * @typedef {Partial<import("./protocol.js").StoredFile> & { key: string, name: string, type: string, size: number }} Part
 */

/**
 * A message on its way. `at` is when it was written (Date.now()); `reason` is why it was refused, a sentence.
 * An entry never changes: it is replaced by another.
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} [room]
 * @property {string} [to] a name, instead of a room: a private message
 * @property {string} text
 * @property {number} [reply_to]
 * @property {import("./protocol.js").Quote} [quote] what it answers, as one saw it; not sent
 * @property {"edit" | "delete" | "react"} [act] where it isn't a message but changes one: `of`, in the same room
 * @property {number} [of]
 * @property {string} [emoji]
 * @property {boolean} [on]
 * @property {Part[]} [files] the message is sent when all of them are stored; others go before it meanwhile
 * @property {string} [tab] the tab that uploads them, while it does; files can't be kept
 * @property {number} [alive] when that tab last said that it does, as Date.now()
 * @property {number} at
 * @property {"waiting" | "failed"} state
 * @property {string} [code] of the refusal
 * @property {string} [reason]
 */

/** How long an answer is waited for before the message is sent again, with the same id. Milliseconds. */
const ANSWER = 10_000;
/** The first and the longest wait while the server can't store; it doubles in between. Milliseconds. */
const RETRY_FIRST = 1000;
const RETRY_MOST = 30_000;
/** What another tab wrote and has not delivered after this time is ours to send. Milliseconds. */
const ORPHANED = 30_000;
/** So often a tab says that it still uploads. Milliseconds. */
const ALIVE = 10_000;
/** What nobody came back for. Milliseconds. */
const FORGOTTEN = 7 * 24 * 3_600_000;
/** How long the disk may take to say what a crash left there, before sending begins without it. Milliseconds. */
const DISK = 2000;

/**
 * Messages that the server has not acknowledged. Each is in the device's storage before it is sent and stays there, with its id,
 * until it is acknowledged or refused: the same id again is no second message. One is sent at a time, so that they arrive in
 * the order in which they were written.
 *
 * There are two copies. The one in localStorage is there at once, also for a page that is reloaded in the next moment, and other tabs
 * hear of it; the one on the disk survives a crash. Whatever either holds when a page begins is sent.
 */
export class Outbox {
  /** Called when the entries have changed. @type {() => void} */
  onChange = () => {};
  /** Called when the server refused a change that nothing shows any more: why. @type {(reason: string) => void} */
  onRefused = () => {};

  #storage;
  #disk;
  #tab;
  #prefix;
  #send;
  #clock;
  #random;
  #limit;
  /** @type {Entry[]} in the order in which they were written */
  #entries = [];
  /** @type {Map<string, any>} timers of entries that another tab is sending */
  #others = new Map();
  #open = false;
  #sending = "";
  #timer = /** @type {any} */ (null);
  #beat = /** @type {any} */ (null);
  #tries = 0;
  #stored = true;
  #written = false;
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
    this.#storage = storage;
    this.#disk = disk;
    this.#tab = tab;
    this.#prefix = `parley.outbox.${user}.`;
    this.#send = send;
    this.#limit = limit;
    this.#clock = clock;
    this.#random = random;
    this.#stored = storage !== null;
    this.#load();
    this.#ask();
  }

  /** Whether a reload would find what is here. */
  get kept() {
    return this.#stored || this.#written;
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
    return this.#put(this.#owned({ ...message, files, id: makeId(), text, at: 0, state: "waiting" }));
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
    this.#keep(entry);
    this.#stayAlive();
    this.onChange();
    this.#next();
    return entry;
  }

  /** Sends again what was refused, with the same id; files that are lost (see `lost`) stay behind. @param {string} id */
  retry(id) {
    const entry = this.#find(id);
    if (entry?.state !== "failed") return;
    const files = entry.code === "lost" ? entry.files?.filter((file) => file.id) : entry.files;
    if (entry.text.trim() === "" && !files?.length) return;
    this.#change(this.#owned({ ...entry, files, state: "waiting", code: undefined, reason: undefined }));
    this.#stayAlive();
    this.#next();
  }

  /** A file is stored; the message that it belongs to goes out when it was the last one. @param {string} key @param {import("./protocol.js").StoredFile} file */
  uploaded(key, file) {
    const entry = this.#withFile(key);
    if (!entry) return;
    const files = entry.files?.map((part) => (part.key === key ? { ...file, key } : part));
    this.#change(this.#owned({ ...entry, files }));
    this.#next();
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
    this.#change(this.#owned({ ...entry, files, state: "waiting", code: undefined, reason: undefined }));
    this.#next();
  }

  /** Gives a message up. @param {string} id */
  drop(id) {
    this.#remove(id);
  }

  /** The connection is open and the server has welcomed us: sends what waits, also what other tabs left behind. */
  resume() {
    this.#load();
    this.#open = true;
    this.#tries = 0;
    this.#sending = "";
    this.#next();
  }

  /** The connection is gone. What was under way is sent again by resume. */
  pause() {
    this.#open = false;
    this.#sending = "";
    this.#clock.clearTimeout(this.#timer);
  }

  /** Takes an answer of the server; frames that don't concern it are left alone. @param {import("./protocol.js").Frame} frame */
  receive(frame) {
    switch (frame.type) {
      case "ack":
        this.#tries = 0;
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
    if (!key?.startsWith(this.#prefix)) return;
    const id = key.slice(this.#prefix.length);
    if (newValue === null) {
      this.#clock.clearTimeout(this.#others.get(id));
      this.#others.delete(id);
      this.#remove(id);
    } else if (!this.#find(id) && !this.#others.has(id)) {
      this.#lookLater(id, ORPHANED);
    }
  }

  /** Takes an entry of another tab over if it is still there after a while. @param {string} id @param {number} ms */
  #lookLater(id, ms) {
    this.#clock.clearTimeout(this.#others.get(id));
    const look = () => {
      this.#others.delete(id);
      this.#load();
      this.#next();
    };
    this.#others.set(id, this.#clock.setTimeout(look, ms));
  }

  /** @param {import("./protocol.js").Refusal} refusal */
  #refused({ id, code, message, retry_after_ms }) {
    const entry = id ? this.#find(id) : undefined;
    if (!entry) return;
    if (code === "rate_limited" || code === "unavailable") {
      this.#wait(code === "rate_limited" && retry_after_ms ? retry_after_ms : this.#backoff());
      return;
    }
    if (entry.act && (entry.act !== "edit" || code === "not_found")) { // a text for what has been deleted is of no use
      this.#remove(entry.id);
      this.onRefused(message);
      return;
    }
    this.#change({ ...entry, state: "failed", code, reason: message });
    this.#done(entry.id);
  }

  #backoff() {
    const most = Math.min(RETRY_MOST, RETRY_FIRST * 2 ** this.#tries++);
    return most * (0.5 + this.#random() / 2);
  }

  /** Sends the first that waits, where none is under way. */
  #next() {
    if (!this.#open || this.#sending || this.#asking) return;
    const entry = this.#entries.find((entry) => entry.state === "waiting" && !isUploading(entry));
    if (!entry) return;
    if (!this.#send(commandOf(entry))) return;
    this.#sending = entry.id;
    this.#wait(ANSWER);
  }

  /** Sends what is under way again after a while. @param {number} ms */
  #wait(ms) {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => {
      this.#sending = "";
      this.#next();
    }, ms);
  }

  /** @param {string} id */
  #done(id) {
    if (this.#sending !== id) return;
    this.#clock.clearTimeout(this.#timer);
    this.#sending = "";
    this.#next();
  }

  /** @param {string} id */
  #find(id) {
    return this.#entries.find((entry) => entry.id === id);
  }

  /** The message that a file belongs to which isn't stored yet. @param {string} key */
  #withFile(key) {
    return this.#entries.find((entry) => entry.files?.some((file) => file.key === key && !file.id));
  }

  /** An entry with the tab that uploads its files, where there is anything to upload. @param {Entry} entry @returns {Entry} */
  #owned(entry) {
    const isOurs = isUploading(entry) && entry.code !== "lost";
    return { ...entry, tab: isOurs ? this.#tab : undefined, alive: isOurs ? this.#clock.now() : undefined };
  }

  /** Says now and then, as long as this tab uploads, that it does: else another one would say that the files are lost. */
  #stayAlive() {
    this.#clock.clearTimeout(this.#beat);
    const mine = this.#entries.filter((entry) => entry.tab);
    if (mine.length === 0) return;
    this.#beat = this.#clock.setTimeout(() => {
      for (const entry of this.#entries) if (entry.tab) this.#store({ ...entry, alive: this.#clock.now() });
      this.#stayAlive();
    }, ALIVE);
  }

  /**
   * An entry that was kept while its files were being uploaded: they are lost if this is the tab that did so, after a reload, or if that
   * one is gone. null where it may still be at it; then that is looked at again later.
   * @param {Entry} entry
   * @returns {Entry | null}
   */
  #lost(entry) {
    if (!isUploading(entry) || entry.code === "lost") return entry;
    const silent = this.#clock.now() - (entry.alive ?? 0);
    if (entry.tab && entry.tab !== this.#tab && silent < ORPHANED) {
      this.#lookLater(entry.id, ORPHANED - silent);
      return null;
    }
    return { ...entry, tab: undefined, alive: undefined, state: "failed", code: "lost", reason: undefined };
  }

  /** @param {string} id @param {string} [user] whose id it is; ids are unique per user only */
  #remove(id, user) {
    if (user !== undefined && this.#prefix !== `parley.outbox.${user}.`) return;
    if (!this.#find(id)) return;
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    try {
      this.#storage?.removeItem(this.#prefix + id);
    } catch {
      // nothing is kept there then
    }
    this.#disk?.remove(id).catch(() => {});
    this.onChange();
    this.#done(id);
  }

  /** @param {Entry} entry */
  #change(entry) {
    this.#entries = this.#entries.map((other) => (other.id === entry.id ? entry : other));
    this.#keep(entry);
    this.onChange();
  }

  /** A storage that is full, switched off or gone keeps nothing; the message is sent all the same. @param {Entry} entry */
  #keep(entry) {
    this.#disk?.put(entry).then(
      () => (this.#written = true),
      () => (this.#written = false),
    );
    this.#store(entry);
  }

  /** @param {Entry} entry */
  #store(entry) {
    if (!this.#storage) return;
    try {
      this.#storage.setItem(this.#prefix + entry.id, JSON.stringify(entry));
      this.#stored = true;
    } catch {
      this.#stored = false;
    }
  }

  /** Takes over what the storage holds: of this page before a reload, or of a tab that is gone. */
  #load() {
    this.#takeOver(this.#inStorage());
  }

  /** Takes over what only the disk holds, which is what the storage has lost in a crash. Until then nothing is sent, for the order's sake. */
  #ask() {
    const disk = this.#disk;
    if (!disk) return;
    this.#asking = true;
    const answered = () => {
      this.#clock.clearTimeout(timer);
      this.#asking = false;
      this.#next();
    };
    const timer = this.#clock.setTimeout(answered, DISK);
    const takeOver = (/** @type {any[]} */ kept) => {
      this.#written = true;
      const entries = kept.map((entry) => entryOf(entry, entry.id)).filter((entry) => entry !== null);
      for (const entry of entries) if (this.#isOld(entry)) disk.remove(entry.id).catch(() => {});
      this.#takeOver(entries.filter((entry) => !this.#isOld(entry)));
    };
    disk.all().then(takeOver).catch(() => {}).finally(answered); // a browser may refuse
  }

  /** @param {Entry[]} entries those that are not known yet come in */
  #takeOver(entries) {
    const known = new Set(this.#entries.map((entry) => entry.id));
    const found = entries.flatMap((entry) => (known.has(entry.id) ? [] : (this.#lost(entry) ?? [])));
    if (found.length === 0) return;
    for (const { id } of found) {
      this.#clock.clearTimeout(this.#others.get(id));
      this.#others.delete(id);
    }
    this.#entries = [...this.#entries, ...found].sort((a, b) => a.at - b.at);
    this.onChange();
  }

  /** @returns {Entry[]} */
  #inStorage() {
    const storage = this.#storage;
    if (!storage) return [];
    /** @type {Entry[]} */
    const entries = [];
    try {
      const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
      for (const key of keys.filter((key) => key.startsWith(this.#prefix))) {
        const entry = entryOf(parsed(storage.getItem(key)), key.slice(this.#prefix.length));
        if (entry && !this.#isOld(entry)) entries.push(entry);
        else storage.removeItem(key);
      }
    } catch {
      this.#stored = false;
    }
    return entries;
  }

  /** @param {Entry} entry */
  #isOld(entry) {
    return this.#clock.now() - entry.at >= FORGOTTEN;
  }
}

/** An entry as it was kept, null for what isn't one. @param {any} kept @param {string} id @returns {Entry | null} */
function entryOf(kept, id) {
  const isEntry = kept?.id === id && typeof kept.text === "string" && Number.isFinite(kept.at) && (kept.room ?? kept.to);
  return isEntry ? { ...kept, state: kept.state === "failed" ? "failed" : "waiting" } : null;
}

/** What is sent for an entry. @param {Entry} entry @returns {import("./protocol.js").Command} */
function commandOf({ id, room, to, text, reply_to, files, act, of = 0, emoji = "", on = false }) {
  switch (act) {
    case "edit":
      return { type: "edit", id, room: room ?? "", of, text };
    case "delete":
      return { type: "delete", id, room: room ?? "", of };
    case "react":
      return { type: "react", id, room: room ?? "", of, emoji, on };
    default:
      return { type: "send", id, room, to, text, reply_to, files: files?.map((file) => file.id ?? "") };
  }
}

/** Whether something of a message is not on the server yet. @param {Entry} entry */
function isUploading(entry) {
  return Boolean(entry.files?.some((file) => !file.id));
}

/** @param {string | null} json */
function parsed(json) {
  try {
    return JSON.parse(json ?? "");
  } catch {
    return null;
  }
}
