import { hide } from "./hidden.js";
import { fillQuote } from "./row.js";

/** The rows that answer somebody whom one ignores. @type {WeakSet<HTMLElement>} */
const quotesIgnored = new WeakSet();

/**
 * Hides what somebody said whom one ignores, also where it is answered; or shows it again.
 * @param {HTMLElement} row @param {import("../model/log.js").Message} message @param {import("./app.js").App} app
 */
export function hideIgnored(row, message, app) {
  if (message.quote && app.ignored.has(message.quote.user) !== quotesIgnored.has(row)) {
    if (!quotesIgnored.delete(row)) quotesIgnored.add(row);
    fillQuote(row, message, app);
  }
  hide(row, app.ignored.has(message.user), app.words);
}
