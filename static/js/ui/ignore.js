import { setText } from "../lib/dom.js";
import { fillQuote } from "./row.js";

/** The rows that answer somebody whom one ignores. @type {WeakSet<HTMLElement>} */
const quotesIgnored = new WeakSet();

/**
 * Puts what somebody said whom one ignores behind a line that shows it, or back in sight; and hides or shows it where it is answered.
 * @param {HTMLElement} row @param {import("../model/log.js").Message} message @param {import("./app.js").App} app
 */
export function hideIgnored(row, message, app) {
  if (message.quote && app.ignored.has(message.quote.user) !== quotesIgnored.has(row)) {
    if (!quotesIgnored.delete(row)) quotesIgnored.add(row);
    fillQuote(row, message, app);
  }
  const isIgnored = app.ignored.has(message.user);
  let line = row.querySelector(".ignored-line");
  if (Boolean(line) === isIgnored && (isIgnored || !row.classList.contains("ignored"))) return; // what was asked for stays in sight
  row.classList.toggle("ignored", isIgnored);
  line?.remove();
  if (!isIgnored) return;
  line = document.createElement("p");
  line.className = "ignored-line";
  const said = document.createElement("span");
  setText(said, app.words.say("js.ignore.hidden"));
  const show = document.createElement("button");
  show.type = "button";
  show.className = "inline";
  setText(show, app.words.say("js.ignore.show"));
  show.addEventListener("click", () => row.classList.remove("ignored"));
  line.append(said, " ", show);
  row.append(line);
}
