/** @typedef {import("../net/protocol.js").Person} Person */

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** Who is in a room now: each person once, however many tabs they have. */
export class People {
  /** @type {() => void} */
  onChange = () => {};

  #me;
  /** @type {Map<string, Person>} */
  #people = new Map();
  /** @type {Person[] | null} */
  #sorted = null;

  /** @param {string} room @param {Person} me @param {Person[]} [people] who is there as the page was served */
  constructor(room, me, people = []) {
    this.room = room;
    this.#me = me;
    this.#replace(people);
  }

  /** Oneself first, then the others by name. @returns {readonly Person[]} */
  get list() {
    const rank = (/** @type {Person} */ person) => (person.user === this.#me.user ? 0 : 1);
    this.#sorted ??= [...this.#people.values()].sort(
      (a, b) => rank(a) - rank(b) || collator.compare(a.name, b.name) || (a.user < b.user ? -1 : 1),
    );
    return this.#sorted;
  }

  /** @param {string} user @returns {Person | undefined} */
  find(user) {
    return this.#people.get(user);
  }

  /** @param {import("../net/protocol.js").Frame} frame */
  receive(frame) {
    if (!("room" in frame) || frame.room !== this.room) return;
    if (frame.type === "joined" || frame.type === "members") this.#replace(frame.members);
    else if (frame.type === "presence") this.#presence(frame);
    else return;
    this.#sorted = null;
    this.onChange();
  }

  /** @param {Person[]} people */
  #replace(people) {
    this.#people = new Map(people.map(({ user, name }) => [user, { user, name }]));
  }

  /** @param {import("../net/protocol.js").Presence} presence */
  #presence({ event, user, name }) {
    if (event === "leave") this.#people.delete(user);
    else if (event === "join" || this.#people.has(user)) this.#people.set(user, { user, name });
  }
}
