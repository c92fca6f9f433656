import { entryOf } from "./entry.js";

/** @typedef {import("./entry.js").Entry} Entry */

/** What nobody came back for. Milliseconds. */
const FORGOTTEN = 7 * 24 * 3_600_000;

/**
 * The outbox's entries on the device, in two copies. The one in localStorage is there at once, also for a page that is reloaded in the next
 * moment, and other tabs hear of it; the one on the disk survives a crash. A storage that is full, switched off or gone keeps nothing; the
 * message is sent all the same.
 */
export class Kept {
  #storage;
  #disk;
  #prefix;
  #clock;
  #stored;
  #written = false;

  /** @param {Storage | null} storage @param {import("./disk.js").Disk | null} disk @param {string} user @param {import("../lib/clock.js").Clock} clock */
  constructor(storage, disk, user, clock) {
    this.#storage = storage;
    this.#disk = disk;
    this.#prefix = `parley.outbox.${user}.`;
    this.#clock = clock;
    this.#stored = storage !== null;
  }

  /** Whether a reload would find what was put last. */
  get isSafe() {
    return this.#stored || this.#written;
  }

  /** The entry that a key of the storage stands for, "" for none of ours. @param {string | null} key */
  idOf(key) {
    return key?.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : "";
  }

  /** @param {Entry} entry */
  put(entry) {
    this.#disk?.put(entry).then(
      () => (this.#written = true),
      () => (this.#written = false),
    );
    this.store(entry);
  }

  /** Puts an entry into the storage alone: enough for what other tabs are to hear. @param {Entry} entry */
  store(entry) {
    if (!this.#storage) return;
    try {
      this.#storage.setItem(this.#prefix + entry.id, JSON.stringify(entry));
      this.#stored = true;
    } catch {
      this.#stored = false;
    }
  }

  /** @param {string} id */
  remove(id) {
    try {
      this.#storage?.removeItem(this.#prefix + id);
    } catch {
      // nothing is kept there then
    }
    this.#disk?.remove(id).catch(() => {});
  }

  /** What the storage holds, in no order. @returns {Entry[]} */
  stored() {
    const storage = this.#storage;
    if (!storage) return [];
    /** @type {Entry[]} */
    const entries = [];
    try {
      const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
      for (const key of keys.filter((key) => key.startsWith(this.#prefix))) {
        const entry = entryOf(parsed(storage.getItem(key)), this.idOf(key));
        if (entry && !this.#isOld(entry)) entries.push(entry);
        else storage.removeItem(key);
      }
    } catch {
      this.#stored = false;
    }
    return entries;
  }

  /** What the disk holds, in no order; null where there is none to ask. @returns {Promise<Entry[]> | null} */
  written() {
    const disk = this.#disk;
    if (!disk) return null;
    return disk.all().then((kept) => {
      this.#written = true;
      const entries = kept.map((entry) => entryOf(entry, entry.id)).filter((entry) => entry !== null);
      for (const entry of entries) if (this.#isOld(entry)) disk.remove(entry.id).catch(() => {});
      return entries.filter((entry) => !this.#isOld(entry));
    });
  }

  /** @param {Entry} entry */
  #isOld(entry) {
    return this.#clock.now() - entry.at >= FORGOTTEN;
  }
}

/** @param {string | null} json */
function parsed(json) {
  try {
    return JSON.parse(json ?? "");
  } catch {
    return null;
  }
}
