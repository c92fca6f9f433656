import { hue, initials } from "../lib/text.js";
import { clock } from "../lib/time.js";
import { fromTemplate } from "./list.js";

/** @typedef {import("../model/log.js").Message} Message */

/** An empty row, as views/message.html draws it. */
export function makeRow() {
  return fromTemplate("row");
}

/**
 * Fills a row with a message as it is now. It touches nothing where nothing has changed.
 * @param {HTMLElement} row
 * @param {import("./entries.js").MessageEntry} entry
 * @param {import("../lib/words.js").Words} words
 * @param {string} lang
 */
export function fillRow(row, { message, lead, mine }, words, lang) {
  row.classList.toggle("lead", lead);
  const drawn = [message.seq, message.state, message.reason, message.edited, message.deleted, message.name, message.time].join("\n");
  if (row.dataset.drawn === drawn) return;
  row.dataset.drawn = drawn;
  row.dataset.id = message.id ?? "";
  if (message.seq) row.dataset.seq = String(message.seq);
  row.dataset.user = message.user;
  row.classList.toggle("mine", mine);
  row.classList.toggle("gone", Boolean(message.deleted));
  row.classList.toggle("sending", message.state === "sending");
  row.classList.toggle("failed", message.state === "failed");

  const author = /** @type {HTMLElement} */ (row.querySelector(".author"));
  author.className = `author hue-${hue(message.user)}`;
  part(row, ".author bdi").textContent = mine ? words.say("js.message.you") : message.name;
  const face = part(row, ".avatar");
  face.className = `avatar hue-${hue(message.user)}`;
  face.textContent = initials(message.name);
  fillBody(part(row, ".body"), message, words);
  const edited = part(row, ".edited");
  edited.hidden = !message.edited || Boolean(message.deleted);
  edited.textContent = words.say("js.message.edited");
  const time = /** @type {HTMLTimeElement} */ (row.querySelector("time"));
  time.dateTime = message.time;
  time.textContent = clock(message.time, lang);
  fillState(row, message, words);
}

/** @param {HTMLElement} row @param {string} selector */
function part(row, selector) {
  return /** @type {HTMLElement} */ (row.querySelector(selector));
}

/** @param {HTMLElement} body @param {Message} message @param {import("../lib/words.js").Words} words */
function fillBody(body, message, words) {
  if (message.deleted) {
    body.textContent = words.say("js.message.deleted");
  } else if (message.html) {
    body.innerHTML = message.html; // made and escaped by the server: the one place where markup comes from outside
  } else {
    const text = document.createElement("p");
    text.textContent = message.text;
    body.replaceChildren(text);
  }
}

/** What one can do about a message of one's own that is not sent. */
function fillState(/** @type {HTMLElement} */ row, /** @type {Message} */ message, /** @type {import("../lib/words.js").Words} */ words) {
  row.querySelector(".state")?.remove();
  if (message.state !== "failed") return;
  const state = document.createElement("p");
  state.className = "state";
  const why = document.createElement("span");
  why.textContent = [words.say("js.message.failed"), message.reason].filter(Boolean).join(" ");
  state.append(why, action("again", words.say("js.message.again")), action("drop", words.say("js.message.drop")));
  row.append(state);
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
