/** @typedef {import("./entry.js").Entry} Entry */

const DATABASE = "parley";
const TABLE = "outbox";

/**
 * The outbox's copy that survives a crash of the browser or of the device. What is put into localStorage is there at once for every
 * tab, but browsers write it to the disk seconds later, and a crash before that takes it away. IndexedDB can be asked to say yes only
 * when it is written ("strict"). Both work on plain HTTP. Where the browser refuses, every promise here is rejected.
 */
export class Disk {
  #databases;
  #user;
  /** @type {Promise<IDBDatabase> | null} */
  #opened = null;

  /**
   * @param {IDBFactory} databases
   * @param {string} user whose messages these are
   */
  constructor(databases, user) {
    this.#databases = databases;
    this.#user = user;
  }

  /** Writes an entry, instead of the one with its id. Resolves when it would survive a crash. @param {Entry} entry @returns {Promise<void>} */
  async put(entry) {
    await this.#do("readwrite", "strict", (table) => table.put({ ...entry, user: this.#user }));
  }

  /** @param {string} id @returns {Promise<void>} */
  async remove(id) {
    // Nothing is harmed where a crash brings it back: it is sent again by the same id.
    await this.#do("readwrite", "relaxed", (table) => table.delete([this.#user, id]));
  }

  /** What is there of this user, in no order. @returns {Promise<any[]>} */
  async all() {
    const entries = await this.#do("readonly", "default", (table) => table.getAll());
    return entries.filter((/** @type {any} */ entry) => entry.user === this.#user);
  }

  /**
   * Does one thing in a transaction of its own. They are done in the order in which they are asked for.
   * @template T
   * @param {"readonly" | "readwrite"} mode
   * @param {IDBTransactionDurability} durability
   * @param {(table: IDBObjectStore) => IDBRequest<T>} act
   * @returns {Promise<T>}
   */
  async #do(mode, durability, act) {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode, { durability });
      const request = act(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.commit?.(); // at once: a page that is closed now can't do it later
    });
  }

  /** One connection for all; after it was closed by the browser, another. @returns {Promise<IDBDatabase>} */
  #open() {
    const forget = () => {
      this.#opened = null;
    };
    if (!this.#opened) {
      this.#opened = this.#connect(forget);
      this.#opened.catch(forget);
    }
    return this.#opened;
  }

  /** @param {() => void} onClose @returns {Promise<IDBDatabase>} */
  #connect(onClose) {
    return new Promise((resolve, reject) => {
      const request = this.#databases.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: ["user", "id"] });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        database.onclose = onClose; // the person cleared what sites have stored
        database.onversionchange = () => {
          database.close();
          onClose();
        };
        resolve(database);
      };
    });
  }
}
