// A room as the server keeps it: the truth that a page's log is held against.

const epoch = Date.UTC(2026, 10, 21, 9, 0, 0);

export class Room {
  events = [];
  #now = epoch;

  constructor(name = "lobby") {
    this.name = name;
  }

  get last() {
    return this.events.length;
  }

  pass(ms) {
    this.#now += ms;
  }

  say(user, text, { id = "", seq = this.last + 1, reply_to } = {}) {
    const answer = reply_to && { reply_to, quote: quoteOf(this.messages.find((message) => message.seq === reply_to)) };
    return this.#append({ type: "message", id, user, name: nameOf(user), text, html: `<p>${text}</p>`, seq, ...answer });
  }

  edit(of, text) {
    return this.#append({ type: "edited", of, text, html: `<p>${text}</p>`, ...this.#author(of) });
  }

  delete(of) {
    return this.#append({ type: "deleted", of, ...this.#author(of) });
  }

  react(of, user, emoji, on) {
    return this.#append({ type: "reaction", of, user, name: nameOf(user), emoji, on });
  }

  /** Every message as it is now, without those that never had one. */
  get messages() {
    return this.#asOf(this.last);
  }

  /** What `join` answers. */
  joined(since, most = 500) {
    const messages = this.messages;
    const base = { type: "joined", room: this.name, last: this.last, members: [] };
    if (since < 0 || since > this.last || this.last - since > most) {
      const latest = messages.slice(-50);
      return { ...base, messages: latest, truncated: since >= 0, more: messages.length > latest.length };
    }
    const missed = this.events.slice(since);
    return {
      ...base,
      messages: messages.filter((message) => message.seq > since),
      changes: missed.filter((event) => event.type !== "message" && event.of <= since),
      truncated: false,
      more: messages.some((message) => message.seq <= since),
    };
  }

  /** What `history` answers: older messages, as they are now. */
  history(before, limit = 50, id) {
    const older = this.messages.filter((message) => message.seq < before);
    return { type: "history", id, room: this.name, messages: older.slice(-limit), more: older.length > limit };
  }

  ack(event) {
    return { type: "ack", id: event.id, room: this.name, seq: event.seq, time: event.time };
  }

  #append(event) {
    const stored = { ...event, room: this.name, seq: this.last + 1, time: new Date(this.#now).toISOString() };
    this.events.push(stored);
    return stored;
  }

  #author(seq) {
    const { user, name } = this.events[seq - 1];
    return { user, name };
  }

  #asOf(last) {
    const messages = new Map();
    for (const event of this.events.slice(0, last)) {
      if (event.type === "message") {
        messages.set(event.seq, { ...event });
        continue;
      }
      const message = messages.get(event.of);
      if (message.deleted) continue;
      if (event.type === "edited") Object.assign(message, { text: event.text, html: event.html, edited: event.seq });
      if (event.type === "deleted") {
        Object.assign(message, { text: "", html: "", deleted: event.seq });
        delete message.reactions;
        delete message.quote;
      }
      if (event.type === "reaction") this.#react(message, event);
    }
    for (const message of messages.values()) if (message.quote) message.quote = quoteOf(messages.get(message.reply_to));
    return [...messages.values()];
  }

  #react(message, { user, emoji, on }) {
    const reactions = structuredClone(message.reactions ?? []);
    let reaction = reactions.find((one) => one.emoji === emoji);
    if (!reaction) reactions.push((reaction = { emoji, users: [] }));
    reaction.users = reaction.users.filter((other) => other !== user || on);
    if (on && !reaction.users.includes(user)) reaction.users.push(user);
    message.reactions = reactions.filter((one) => one.users.length > 0);
  }
}

/** What an answer shows of what it answers. */
function quoteOf({ user, name, text, deleted }) {
  return deleted ? { user, name, text: "", deleted: true } : { user, name, text };
}

export function nameOf(user) {
  return user.slice(2, 3).toUpperCase() + user.slice(3);
}
