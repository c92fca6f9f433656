import { isUploading } from "./entry.js";

/** @typedef {import("./entry.js").Entry} Entry */

/** What another tab wrote and has not delivered after this time is ours to send. Milliseconds. */
const ORPHANED = 30_000;
/** So often a tab says that it still uploads. Milliseconds. */
const ALIVE = 10_000;

/** Which of a browser's tabs an entry of the outbox is for, and when another one takes it over. */
export class Tabs {
  #tab;
  #clock;
  #look;
  /** @type {Map<string, any>} timers of entries that another tab is sending */
  #others = new Map();
  #beat = /** @type {any} */ (null);

  /** @param {string} tab this one, the same after a reload @param {import("../lib/clock.js").Clock} clock @param {() => void} look takes over what others left */
  constructor(tab, clock, look) {
    this.#tab = tab;
    this.#clock = clock;
    this.#look = look;
  }

  /** Another tab has stored an entry: looks after a while whether it is still there. @param {string} id */
  wrote(id) {
    if (!this.#others.has(id)) this.#lookLater(id, ORPHANED);
  }

  /** An entry is gone, or ours. @param {string} id */
  forget(id) {
    this.#clock.clearTimeout(this.#others.get(id));
    this.#others.delete(id);
  }

  /** @param {string} id @param {number} ms */
  #lookLater(id, ms) {
    this.forget(id);
    const look = () => {
      this.#others.delete(id);
      this.#look();
    };
    this.#others.set(id, this.#clock.setTimeout(look, ms));
  }

  /** An entry with the tab that uploads its files, where there is anything to upload. @param {Entry} entry @returns {Entry} */
  own(entry) {
    const isOurs = isUploading(entry) && entry.code !== "lost";
    return { ...entry, tab: isOurs ? this.#tab : undefined, alive: isOurs ? this.#clock.now() : undefined };
  }

  /**
   * Says now and then, as long as this tab uploads, that it does: else another one would say that the files are lost.
   * @param {() => readonly Entry[]} entries as they are then
   * @param {(entry: Entry) => void} store
   */
  stayAlive(entries, store) {
    this.#clock.clearTimeout(this.#beat);
    if (!entries().some((entry) => entry.tab)) return;
    this.#beat = this.#clock.setTimeout(() => {
      for (const entry of entries()) if (entry.tab) store({ ...entry, alive: this.#clock.now() });
      this.stayAlive(entries, store);
    }, ALIVE);
  }

  /**
   * An entry that was kept while its files were being uploaded: they are lost if this is the tab that did so, after a reload, or if that
   * one is gone. null where it may still be at it; then that is looked at again later.
   * @param {Entry} entry
   * @returns {Entry | null}
   */
  found(entry) {
    if (!isUploading(entry) || entry.code === "lost") return entry;
    const silent = this.#clock.now() - (entry.alive ?? 0);
    if (entry.tab && entry.tab !== this.#tab && silent < ORPHANED) {
      this.#lookLater(entry.id, ORPHANED - silent);
      return null;
    }
    return { ...entry, tab: undefined, alive: undefined, state: "failed", code: "lost", reason: undefined };
  }
}
