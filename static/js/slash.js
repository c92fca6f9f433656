// What the commands do that people type, asked for with the first of them (see ui/composer.js).

import { isolate } from "./lib/text.js";
import { readLine, readTime, splitName } from "./model/slash.js";
import { directRoom } from "./net/protocol.js";
import { openProfile } from "./ui/profile.js";
import { showSwitcher } from "./ui/switcher.js";

/** @typedef {import("./ui/app.js").App} App */
/** What became of a line: something to say, and in which other room; what is wrong with it; or that it is done. @typedef {{ say?: string, to?: string, wrong?: string }} Outcome */
/** A command's doing. @typedef {(app: App, text: string) => Outcome | Promise<Outcome>} Act */

const SHRUG = "¯\\_(ツ)_/¯";
const DONE = Object.freeze({});

/** @type {Record<string, Act>} by the names of internal/chat/slash.go */
const acts = {
  help: (app) => open(app, "help", "#commands"),
  me: (_, text) => ({ say: `/me ${text}` }),
  shrug: (_, text) => ({ say: `${text} ${SHRUG}`.trimStart() }),
  msg: async (app, text) => {
    const [name, rest] = splitName(text, names(app));
    const person = await find(app, name);
    if (!person) return { wrong: nobody(app, name) };
    return write(app, directRoom(app.me.user, person.user), rest);
  },
  r: (app, text) => (app.answerTo ? write(app, app.answerTo, text) : { wrong: app.words.say("js.slash.alone") }),
  nick: (app, name) => asked(app, { type: "nick", name }),
  join: (app, text) => {
    const room = roomName(text);
    if (!room) return { wrong: app.words.say("js.rooms.bad") };
    const isThere = (/** @type {string} */ name) => app.rooms.some((there) => there.name === name);
    app.open(isThere(`~${room}`) && !isThere(room) ? `~${room}` : room);
    return DONE;
  },
  leave: (app, text) => {
    const room = text ? roomName(text) : app.current.name;
    if (!app.canLeave(room)) return { wrong: app.words.say("js.slash.stay") };
    app.leaveRoom(room);
    return DONE;
  },
  rooms: (app) => {
    showSwitcher(app);
    return DONE;
  },
  who: (app) => {
    const { list, unlisted } = app.current.people;
    const more = unlisted > 0 ? ` ${app.words.count("js.people.more", unlisted)}` : "";
    app.note(app.words.say("js.slash.who", { names: list.map(({ name }) => isolate(name)).join(", ") + more }));
    return DONE;
  },
  whois: async (app, text) => {
    const wrong = await openProfile(app, { name: splitName(text, names(app))[0] });
    return wrong ? { wrong } : DONE;
  },
  away: (app, text) => asked(app, { type: "away", text: app.emoji.withEmoji(text) }, "js.slash.away"),
  back: (app) => asked(app, { type: "back" }, "js.slash.back"),
  ignore: (app, text) => (text ? ignore(app, splitName(text, names(app))[0], true) : sayIgnored(app)),
  unignore: (app, text) => ignore(app, splitName(text, [...app.ignored.values()])[0], false),
  topic: (app, text) => asked(app, { type: "topic", room: app.current.name, text: app.emoji.withEmoji(text) }),
  search: (app, text) => {
    app.tell("find", text); // js/ui/mention.js opens the search
    return DONE;
  },
  remove: (app, text) => remove(app, text),
  password: (app, password) => asked(app, { type: "password", room: app.current.name, password }, "js.room.password"),
  kick: (app, text) => order(app, "kick", text),
  ban: (app, text) => order(app, "ban", text),
  unban: (app, text) => order(app, "unban", text),
  invite: async (app, text) => {
    if (text) return invite(app, splitName(text, names(app))[0]);
    return open(app, "invite");
  },
  clear: (app) => {
    app.current.log.clear(app.words.say("js.slash.cleared"));
    return DONE;
  },
};

/**
 * Does what a line says that begins with a slash.
 * @param {App} app @param {string} line @param {readonly import("./model/slash.js").Slash[]} slashes
 * @returns {Promise<Outcome>}
 */
export async function runLine(app, line, slashes) {
  const read = readLine(line, slashes);
  switch (read.is) {
    case "text":
      return { say: read.text };
    case "short":
      return { wrong: app.words.say("js.slash.short", { usage: read.usage }) };
    case "unknown": {
      const { near } = read;
      if (Object.hasOwn(acts, read.name.toLowerCase())) return { wrong: app.words.say("js.slash.moderators") }; // it is served to them alone
      const name = read.name.length > 30 ? `${read.name.slice(0, 30)}…` : read.name;
      return { wrong: app.words.say(near ? "js.slash.near" : "js.slash.unknown", { name, near }) };
    }
    case "command":
      return acts[read.name](app, read.text);
  }
}

/** @param {string} text @returns {string} "" where it can't be a room's name */
function roomName(text) {
  const name = text.replace(/^#\s*/, "").toLowerCase().replace(/\s+/g, "-");
  return /^~?[a-z0-9_-]{1,48}(\.[a-z0-9]{8})?$/.test(name) ? name : "";
}

/** Shows a private room, and says something there. @param {App} app @param {string} room @param {string} text */
function write(app, room, text) {
  app.open(room);
  return text ? { say: text, to: room } : DONE;
}

/** The names of those whom the page knows. @param {App} app */
function names(app) {
  return app.known().map(({ name }) => name);
}

/**
 * Who goes by a name: one of those whom the page knows, or else whom the server does.
 * @param {App} app @param {string} name
 * @returns {Promise<import("./net/protocol.js").Person | null>}
 */
async function find(app, name) {
  const known = app.known().find((person) => person.name.toLowerCase() === name.toLowerCase());
  return known ?? (await app.ask({ type: "whois", name }).catch(() => null));
}

/** @param {App} app @param {string} name */
function nobody(app, name) {
  return app.words.say("js.slash.nobody", { name: isolate(name) });
}

/**
 * Asks the server, and says why not where it refuses.
 * @param {App} app @param {Omit<any, "id"> & { type: string }} command @param {string} [done] the words for what nothing else shows
 * @returns {Promise<Outcome>}
 */
async function asked(app, command, done) {
  try {
    await app.ask(command);
    if (done) app.note(app.words.say(done));
    return DONE;
  } catch (error) {
    return { wrong: /** @type {Error} */ (error).message };
  }
}

/** Ignores somebody or no longer, and says whom one ignores then. @param {App} app @param {string} name @param {boolean} on */
async function ignore(app, name, on) {
  const outcome = await asked(app, { type: "ignore", name, on });
  return outcome.wrong ? outcome : sayIgnored(app);
}

/** @param {App} app */
function sayIgnored(app) {
  const ignored = [...app.ignored.values()].map(isolate).join(", ");
  app.note(app.words.say(ignored ? "js.slash.ignored" : "js.slash.ignored.none", { names: ignored }));
  return DONE;
}

/** Asks somebody into the room that is shown. @param {App} app @param {string} name */
async function invite(app, name) {
  const outcome = await asked(app, { type: "invite", room: app.current.name, name });
  if (!outcome.wrong) app.note(app.words.say("js.slash.invited", { name: isolate(name) }));
  return outcome;
}

/** Takes somebody out of the room that is shown. @param {App} app @param {string} text */
async function remove(app, text) {
  const [name] = splitName(text, names(app));
  const outcome = await asked(app, { type: "remove", room: app.current.name, name });
  if (!outcome.wrong) app.note(app.words.say("js.room.removed", { name: isolate(name) }));
  return outcome;
}

/** What only moderators may. @param {App} app @param {"kick" | "ban" | "unban"} type @param {string} text */
function order(app, type, text) {
  const [name, rest] = splitName(text, names(app));
  const seconds = type === "ban" ? readTime(rest) : 0;
  if (type === "ban" && rest !== "" && seconds === 0) return { wrong: app.words.say("js.slash.short", { usage: "/ban NAME 10m, 2h, 7d" }) };
  return ordered(app, seconds > 0 ? { type, name, seconds } : { type, name, text: rest });
}

/** Asks for what only moderators may, and says what has come of it. @param {App} app @param {any} command */
async function ordered(app, command) {
  try {
    const { name: answered, barred } = await app.ask(command);
    app.note(outcomeOf(app.words, command, isolate(answered), barred));
    return DONE;
  } catch (error) {
    return { wrong: /** @type {Error} */ (error).message };
  }
}

/** @param {import("./lib/words.js").Words} words @param {any} command @param {string} name @param {string} barred until when */
function outcomeOf(words, { type, seconds }, name, barred) {
  if (type === "kick") return words.say("js.slash.kicked", { name });
  if (type === "unban") return words.say("js.slash.unbarred", { name });
  if (!seconds) return words.say("js.slash.barred", { name });
  return words.say("js.slash.barred.until", { name, time: new Date(barred).toLocaleString(words.lang, { dateStyle: "medium", timeStyle: "short" }) });
}

/** @param {App} app @param {string} id @param {string} [part] where to begin to read */
function open(app, id, part = "") {
  app.show(id);
  if (part) document.querySelector(part)?.scrollIntoView();
  return DONE;
}
