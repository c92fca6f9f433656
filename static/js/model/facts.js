/** What a room is beside its log: its topic, and which messages are pinned in it. */
export class Facts {
  /** @type {() => void} */
  onChange = () => {};
  topic = "";
  /** Whether the server has said it. */
  known = false;
  /** The seqs of the messages that are pinned, the latest pinned last. @type {readonly number[]} */
  pins = [];
  /** It can be read, and nothing is written in it. */
  archived = false;
  /** What one is in it, "" for nothing or as long as the server hasn't said. */
  role = "";
  /** The seq up to which that is so. */
  #last = 0;

  /** @param {string} room */
  constructor(room) {
    this.room = room;
  }

  /** Whether one looks after the room. */
  get isKept() {
    return this.role === "owner" || this.role === "moderator";
  }

  /** @param {import("../net/protocol.js").Frame} frame */
  receive(frame) {
    if (!("room" in frame) || frame.room !== this.room) return;
    if (frame.type === "joined") {
      if (frame.last < this.#last && !frame.truncated) return; // from before; else the room began anew
      this.#last = frame.last;
      this.known = true;
      this.topic = frame.topic ?? "";
      this.pins = frame.pins ?? [];
      this.archived = Boolean(frame.archived);
    } else if (frame.type === "archived") {
      this.archived = frame.on;
    } else if (frame.type === "about") {
      this.role = frame.role;
    } else if (frame.type === "topic" || frame.type === "pinned" || frame.type === "deleted") {
      if (frame.seq <= this.#last) return;
      this.#last = frame.seq;
      this.#take(frame);
    } else {
      return;
    }
    this.onChange();
  }

  /** @param {import("../net/protocol.js").Topic | import("../net/protocol.js").Pinned | import("../net/protocol.js").Deleted} change */
  #take(change) {
    if (change.type === "topic") {
      this.topic = change.text;
      return;
    }
    const others = this.pins.filter((seq) => seq !== change.of);
    const isNew = change.type === "pinned" && change.on;
    if (!isNew) this.pins = others;
    else if (others.length === this.pins.length) this.pins = [...this.pins, change.of];
  }
}
