import { hue, initials } from "../lib/text.js";
import { clock, fullTime } from "../lib/time.js";
import { fillFiles, namesOf, readFiles } from "./files.js";
import { fromTemplate } from "./list.js";

/** @typedef {import("../model/log.js").Message} Message */
/** @typedef {import("../model/rows.js").MessageRow} MessageRow */
/** @typedef {import("../lib/words.js").Words} Words */

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
  const isDeleted = row.classList.contains("gone");
  return {
    seq: Number(seq),
    id,
    user,
    name: part(row, ".author bdi").textContent ?? "",
    text: isDeleted ? "" : (body.textContent ?? ""),
    html: isDeleted ? "" : body.innerHTML,
    files: readFiles(part(row, ".files")),
    time: /** @type {HTMLTimeElement} */ (part(row, "time")).dateTime,
    // When they happened is not in the page; any change that comes is later.
    edited: part(row, ".edited").hidden ? 0 : 1,
    deleted: isDeleted ? 1 : 0,
  };
}

/**
 * Fills a row with its message as it is now.
 * @param {HTMLElement} element
 * @param {MessageRow} row
 * @param {Words} words
 * @returns {boolean} whether the row was empty before
 */
export function fillRow(element, row, words) {
  const before = shown.get(element);
  if (before === row) return false;
  shown.set(element, row);
  element.classList.toggle("lead", row.lead);
  const { message, mine } = row;
  if (before?.message === message) return false;

  element.dataset.id = message.id ?? "";
  element.dataset.seq = String(message.seq ?? "");
  element.dataset.user = message.user;
  element.classList.toggle("mine", mine);
  element.classList.toggle("gone", Boolean(message.deleted));
  element.classList.toggle("sending", message.state === "sending");
  element.classList.toggle("failed", message.state === "failed");
  part(element, ".author").className = `author hue-${hue(message.user)}`;
  part(element, ".author bdi").textContent = mine ? words.say("js.message.you") : message.name;
  part(element, ".avatar").className = `avatar hue-${hue(message.user)}`;
  part(element, ".avatar").textContent = initials(message.name);
  const files = message.deleted ? [] : (message.files ?? []);
  fillBody(part(element, ".body"), message, words);
  part(element, ".body").hidden = files.length > 0 && message.text === "";
  fillFiles(part(element, ".files"), files, words);
  part(element, ".edited").hidden = !message.edited || Boolean(message.deleted);
  part(element, ".edited").textContent = words.say("js.message.edited");
  const time = /** @type {HTMLTimeElement} */ (part(element, "time"));
  time.dateTime = message.time;
  time.title = fullTime(message.time, words.lang);
  time.textContent = clock(message.time, words.lang);
  fillState(element, message, words);
  return !before;
}

/** @param {HTMLElement} element @param {string} selector */
function part(element, selector) {
  return /** @type {HTMLElement} */ (element.querySelector(selector));
}

/** @param {HTMLElement} body @param {Message} message @param {Words} words */
function fillBody(body, message, words) {
  if (message.deleted) {
    body.textContent = words.say("js.message.deleted");
  } else if (message.html === "") {
    const text = document.createElement("p");
    text.textContent = message.text;
    body.replaceChildren(text);
  } else if (body.innerHTML !== message.html) {
    body.innerHTML = message.html; // made and escaped by the server: the one place where markup comes from outside
  }
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
    said.textContent = [words.say("js.message.failed"), reason(message, words)].filter(Boolean).join(" ");
    if (message.code !== "lost") state.append(action("again", words.say("js.message.again")));
    else if (message.text || message.files?.some((file) => file.id)) state.append(action("again", words.say("js.files.without")));
    state.append(action("drop", words.say("js.message.drop")));
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
