import { setText } from "../lib/dom.js";
import { hue, initials, isFewEmoji } from "../lib/text.js";
import { clock, fullTime } from "../lib/time.js";
import { fillFiles, namesOf, readFiles } from "./files.js";
import { fromTemplate } from "./list.js";
import { fillReactions } from "./reactions.js";

/** @typedef {import("../model/log.js").Message} Message */
/** @typedef {import("../model/rows.js").MessageRow} MessageRow */
/** @typedef {import("../lib/words.js").Words} Words */

/** What rows need of the page. @typedef {import("./reactions.js").Page} Page */

/** The messages that are shown as they were written. @type {Set<string>} */
const written = new Set();

/** What each row shows now. @type {WeakMap<HTMLElement, MessageRow>} */
const shown = new WeakMap();

/** An empty row, as views/message.html draws it. */
export function makeRow() {
  return fromTemplate("row");
}

/**
 * Reads a row that the server drew, and gives it the key by which the model will know it.
 * @param {HTMLElement} row
 * @returns {Omit<Message, "state">}
 */
export function readRow(row) {
  const { seq, id = "", user = "" } = row.dataset;
  row.dataset.key = row.classList.contains("mine") && id ? `i${id}` : `s${seq}`;
  const body = part(row, ".body");
  const quote = row.querySelector(".quote");
  const isDeleted = row.classList.contains("gone");
  return {
    seq: Number(seq),
    id,
    user,
    name: part(row, ".author bdi").textContent ?? "",
    text: isDeleted ? "" : (row.dataset.text ?? body.textContent ?? ""),
    html: isDeleted ? "" : body.innerHTML,
    files: row.querySelector(".files") ? readFiles(placeOfFiles(row)) : undefined,
    time: /** @type {HTMLTimeElement} */ (part(row, "time")).dateTime,
    // When they happened is not in the page; any change that comes is later.
    edited: row.querySelector(".edited") ? 1 : 0,
    deleted: isDeleted ? 1 : 0,
    reply_to: Number(row.dataset.reply) || undefined,
    quote: quote && !isDeleted ? readQuote(/** @type {HTMLElement} */ (quote)) : undefined,
    reactions: readReactions(row),
  };
}

/** @param {HTMLElement} quote */
function readQuote(quote) {
  const deleted = quote.classList.contains("gone");
  const text = part(quote, ".line").textContent ?? "";
  return { user: quote.dataset.user ?? "", name: part(quote, "bdi").textContent ?? "", text: deleted ? "" : text, deleted };
}

/** @param {HTMLElement} row */
function readReactions(row) {
  const chips = /** @type {HTMLElement[]} */ ([...row.querySelectorAll(".chip[data-emoji]")]);
  if (chips.length === 0) return undefined;
  return chips.map(({ dataset }) => ({ emoji: dataset.emoji ?? "", users: (dataset.users ?? "").split(" ") }));
}

/** Whether a message is shown as it was written. @param {Message} message */
export function isWritten(message) {
  return written.has(keyOf(message));
}

/** Shows a message as it was written, or as it is meant to look. @param {HTMLElement} row @param {Message} message @param {Page} page */
export function toggleWritten(row, message, page) {
  if (!written.delete(keyOf(message))) written.add(keyOf(message));
  fillBody(part(row, ".body"), message, page.words);
}

/** @param {Message} message */
function keyOf({ user, id, seq, time }) {
  return `${user} ${id ?? ""} ${seq ?? ""} ${time}`;
}

/**
 * Sets a row under the one above it, or apart from it. A row that waits to be filled is grouped at once: later it would move what is read.
 * @param {HTMLElement} element
 * @param {MessageRow} row
 */
export function groupRow(element, row) {
  element.classList.toggle("lead", row.lead);
}

/**
 * Fills a row with its message as it is now.
 * @param {HTMLElement} element
 * @param {MessageRow} row
 * @param {Page} page
 * @returns {boolean} whether the row was empty before
 */
export function fillRow(element, row, page) {
  const { words } = page;
  const before = shown.get(element);
  if (before === row) return false;
  shown.set(element, row);
  groupRow(element, row);
  const { message, mine } = row;
  if (before?.message === message) return false;

  element.dataset.id = message.id ?? "";
  element.dataset.seq = String(message.seq ?? "");
  element.dataset.user = message.user;
  element.dataset.changing = message.changing ?? "";
  element.classList.toggle("mine", mine);
  element.classList.toggle("gone", Boolean(message.deleted));
  element.classList.toggle("sending", message.state === "sending");
  element.classList.toggle("failed", message.state === "failed");
  part(element, ".author").className = `author hue-${hue(message.user)}`;
  setText(part(element, ".author bdi"), mine ? words.say("js.message.you") : message.name);
  part(element, ".avatar").className = `avatar hue-${hue(message.user)}`;
  setText(part(element, ".avatar"), initials(message.name));
  const files = message.deleted ? [] : (message.files ?? []);
  fillBody(part(element, ".body"), message, words);
  part(element, ".body").hidden = files.length > 0 && message.text === "";
  if (files.length > 0 || element.querySelector(".files")) fillFiles(placeOfFiles(element), files, words);
  fillEdited(part(element, ".stamp"), message, words);
  const time = /** @type {HTMLTimeElement} */ (part(element, "time"));
  if (time.dateTime !== message.time) {
    time.dateTime = message.time;
    time.title = "";
  }
  setText(time, clock(message.time, words.lang));
  fillQuote(element, message, page);
  fillReactions(element, message, page);
  fillState(element, message, words);
  if (!before && !element.querySelector(".more")) addMore(element, words);
  return !before;
}

/** Has a row's time say the day, too, when it is pointed at: of all rows at once that would take as long as drawing them. @param {HTMLElement} row @param {Words} words */
export function sayDay(row, words) {
  const time = /** @type {HTMLTimeElement} */ (part(row, "time"));
  if (!time.title) time.title = fullTime(time.dateTime, words.lang);
}

/** @param {HTMLElement} element @param {string} selector */
function part(element, selector) {
  return /** @type {HTMLElement} */ (element.querySelector(selector));
}

/** Most messages are never edited, and have no element for it. @param {HTMLElement} stamp @param {Message} message @param {Words} words */
function fillEdited(stamp, { edited, deleted }, words) {
  const before = stamp.querySelector(".edited");
  if (!edited || deleted) before?.remove();
  if (before || !edited || deleted) return;
  const mark = document.createElement("span");
  mark.className = "edited";
  mark.textContent = words.say("js.message.edited");
  stamp.prepend(mark);
}

/** Where a message's files stand; most have none. @param {HTMLElement} element */
function placeOfFiles(element) {
  const there = /** @type {HTMLElement | null} */ (element.querySelector(".files"));
  if (there) return there;
  const place = document.createElement("div");
  place.className = "files";
  place.hidden = true;
  part(element, ".body").before(place);
  return place;
}

/** @param {HTMLElement} body @param {Message} message @param {Words} words */
function fillBody(body, message, words) {
  const isAsWritten = isWritten(message) && !message.deleted;
  body.classList.toggle("written", isAsWritten);
  body.classList.toggle("large", !isAsWritten && isFewEmoji(message.text));
  if (message.deleted) {
    body.textContent = words.say("js.message.deleted");
  } else if (isAsWritten) {
    body.textContent = message.text;
  } else if (message.html === "") {
    const text = document.createElement("p");
    text.textContent = message.text;
    body.replaceChildren(text);
  } else if (body.innerHTML !== message.html) {
    body.innerHTML = message.html; // made and escaped by the server: the one place where markup comes from outside
  }
}

/**
 * What a message answers: a line of it, and a way to it. Nothing of whom one ignores is in it.
 * @param {HTMLElement} element @param {Message} message @param {Page} page
 */
export function fillQuote(element, { quote, reply_to, deleted }, { words, me, hrefOf, current, ignored }) {
  const before = /** @type {HTMLAnchorElement | null} */ (element.querySelector(".quote"));
  if (!quote || deleted) {
    before?.remove();
    return;
  }
  const link = before ?? /** @type {HTMLAnchorElement} */ (fromTemplate("quote"));
  link.href = `${hrefOf(current.name)}#${reply_to}`;
  link.dataset.user = quote.user;
  const isIgnored = ignored.has(quote.user);
  link.classList.remove("ignored");
  link.classList.toggle("gone", isIgnored || Boolean(quote.deleted));
  const name = isIgnored ? "" : quote.user === me.user ? words.say("js.message.you") : quote.name;
  const text = isIgnored ? words.say("js.quote.ignored") : quote.deleted ? words.say("js.message.deleted") : quote.text;
  link.ariaLabel = isIgnored ? text : words.say("js.quote", { name, text });
  part(link, "bdi").textContent = name;
  part(link, ".who").className = `who hue-${hue(quote.user)}`;
  part(link, ".line").textContent = text;
  if (!before) part(element, ".bubble").prepend(link);
}

/** The button that a finger finds; where there is a mouse it isn't shown (css/act.css). @param {HTMLElement} element @param {Words} words */
function addMore(element, words) {
  const more = document.createElement("button");
  more.type = "button";
  more.className = "more";
  more.ariaHasPopup = "dialog";
  more.ariaLabel = words.say("js.act.more");
  part(element, ".bubble").append(more);
}

/**
 * What became of a message of one's own that isn't stored yet.
 * @param {HTMLElement} element
 * @param {Message} message
 * @param {Words} words
 */
function fillState(element, message, words) {
  element.querySelector(".state")?.remove();
  if (message.state !== "failed" && message.state !== "sending") return;
  const state = document.createElement("p");
  const said = document.createElement("span");
  state.append(said);
  if (message.state === "sending") {
    state.className = "state unseen";
    said.textContent = words.say("js.message.sending");
  } else {
    state.className = "state";
    said.textContent = [words.say(message.changing ? "js.message.unsaved" : "js.message.failed"), reason(message, words)].filter(Boolean).join(" ");
    if (message.code !== "lost") state.append(action("again", words.say("js.message.again")));
    else if (message.text || message.files?.some((file) => file.id)) state.append(action("again", words.say("js.files.without")));
    state.append(action("drop", words.say(message.changing ? "js.message.undo" : "js.message.drop")));
  }
  element.append(state);
}

/** Why it isn't sent. @param {Message} message @param {Words} words */
function reason({ code, reason, files }, words) {
  return code === "lost" ? words.say("js.files.lost", { names: namesOf(files?.filter((file) => !file.id)) }) : reason;
}

/** @param {string} act @param {string} label */
function action(act, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "inline";
  button.dataset.act = act;
  button.textContent = label;
  return button;
}
