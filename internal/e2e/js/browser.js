// The browser, as far as the page's modules ask for it, with its hands turned by the tests.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // Node 18

/** Time that passes when a test says so. */
export class Clock {
  #now = Date.UTC(2026, 10, 21, 9, 0, 0);
  #timers = [];
  #made = 0;

  now = () => this.#now;

  setTimeout = (act, ms) => {
    const timer = { at: this.#now + Math.max(0, ms), made: this.#made++, act };
    this.#timers.push(timer);
    return timer;
  };

  clearTimeout = (timer) => {
    this.#timers = this.#timers.filter((other) => other !== timer);
  };

  get waiting() {
    return this.#timers.length;
  }

  tick(ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.made - b.made)[0];
      if (!due) break;
      this.clearTimeout(due);
      this.#now = Math.max(this.#now, due.at);
      due.act();
    }
    this.#now = end;
  }

  /** Somebody, or the network, sets the device's clock back. Timers go on as they would have. */
  setBack(ms) {
    this.#now -= ms;
    for (const timer of this.#timers) timer.at -= ms;
  }

  /** The device sleeps: time passes, no timer runs until it wakes. */
  sleep(ms) {
    this.#now += ms;
    this.tick(0);
  }
}

/** A WebSocket of which the test is the other end. */
export class Wire extends EventTarget {
  readyState = 0;
  sent = [];
  closedWith = [];

  constructor(url) {
    super();
    this.url = url;
  }

  send(text) {
    if (this.readyState !== 1) throw new Error("not open");
    this.sent.push(JSON.parse(text));
  }

  close(...code) {
    this.readyState = 2;
    this.closedWith.push(code);
  }

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  says(frame) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: typeof frame === "string" ? frame : JSON.stringify(frame) }));
  }

  closes(code) {
    this.readyState = 3;
    this.dispatchEvent(new Event("error"));
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  count(type) {
    return this.sent.filter((frame) => frame.type === type).length;
  }
}

/** A window with a document: what it dials is in `wires`. */
export class Page {
  wires = [];
  visible = true;
  #listeners = [];

  listen = (type, act) => this.#listeners.push([type, act]);
  isVisible = () => this.visible;
  dial = (url) => {
    const wire = new Wire(url);
    this.wires.push(wire);
    return wire;
  };

  get wire() {
    return this.wires.at(-1);
  }

  /** Connections that the server would have. */
  get living() {
    return this.wires.filter((wire) => wire.readyState < 2).length;
  }

  happen(type, event = {}) {
    for (const [listened, act] of this.#listeners) if (listened === type) act(event);
  }

  show(visible) {
    this.visible = visible;
    this.happen("visibilitychange");
  }
}

/** localStorage of a device, shared by tabs, with room for so many entries. */
export class Storage {
  #items = new Map();

  constructor(room = Infinity) {
    this.room = room;
  }

  get length() {
    return this.#items.size;
  }

  /** In an order that has nothing to do with when they were stored, as browsers may. */
  key(i) {
    return [...this.#items.keys()].sort()[i] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    if (!this.#items.has(key) && this.#items.size >= this.room) throw new Error("QuotaExceededError");
    this.#items.set(key, String(value));
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}

/** Random numbers that come again with the same seed (mulberry32). */
export function seeded(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** indexedDB of a device, as far as the page asks for it. `state` makes it refuse to open, be full or never answer. */
export class Databases {
  /** @type {"well" | "refused" | "full" | "silent"} */
  state = "well";
  #stores = new Map();
  #safe = ""; // what a crash leaves

  /** How many entries there are. */
  get size() {
    return [...this.#stores.values()].reduce((sum, store) => sum + store.rows.size, 0);
  }

  /** The device dies: what was not written with durability "strict", or before something that was, is as it was before. */
  crash() {
    for (const [name, { path }] of this.#stores) this.#stores.set(name, { path, rows: new Map(JSON.parse(this.#safe || "{}")[name] ?? []) });
  }

  open(name, version) {
    if (!name || version !== 1) throw new Error("DataError");
    const request = { result: this.#database() };
    queueMicrotask(() => {
      if (this.state === "silent") return;
      if (this.state === "refused") {
        request.error = new Error("SecurityError");
        request.onerror();
        return;
      }
      if (this.#stores.size === 0) request.onupgradeneeded();
      request.onsuccess();
    });
    return request;
  }

  #database() {
    return {
      createObjectStore: (name, { keyPath }) => this.#stores.set(name, { path: keyPath, rows: new Map() }),
      transaction: (name, mode, { durability }) => this.#transaction(name, mode, durability),
    };
  }

  #transaction(name, mode, durability) {
    const transaction = { error: null };
    const { path, rows } = this.#stores.get(name);
    const request = {};
    let act = () => {};
    transaction.objectStore = () => ({
      put: (row) => ((act = () => rows.set(JSON.stringify(path.map((key) => row[key])), structuredClone(row))), request),
      delete: (key) => ((act = () => rows.delete(JSON.stringify(key))), request),
      getAll: () => ((act = () => [...rows.values()].map((row) => structuredClone(row))), request),
    });
    transaction.commit = () => {};
    queueMicrotask(() => {
      if (this.state === "full" && mode === "readwrite") {
        transaction.error = new Error("QuotaExceededError");
        transaction.onabort();
        return;
      }
      request.result = act();
      if (durability === "strict") this.#safe = JSON.stringify(Object.fromEntries([...this.#stores].map(([key, { rows }]) => [key, [...rows]])));
      transaction.oncomplete();
    });
    return transaction;
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
