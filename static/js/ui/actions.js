import { copyText } from "../lib/dom.js";
import { confirmed } from "./confirm.js";
import { notice } from "./notice.js";
import { isWritten, toggleWritten } from "./row.js";

/** @typedef {import("../model/log.js").Message} Message */
/** @typedef {{ app: import("./app.js").App, composer: import("./composer.js").Composer }} Page */
/**
 * Something that one can do with a stored message. The first that one may do has its own button beside a message; all are in its menu.
 * @typedef {object} Action
 * @property {string} name
 * @property {(message: Message, page: Page) => string} label its words' key
 * @property {(message: Message, page: Page) => boolean} may
 * @property {(message: Message, page: Page, row: HTMLElement) => void} act
 * @property {boolean} [isGrave]
 */

const isOwn = (/** @type {Message} */ message, /** @type {Page} */ { app }) => message.user === app.me.user;

/** Whether one may delete what others say: as who looks after the room, or after the chat. */
const keepsOrder = (/** @type {Page} */ { app }) => !app.current.peer && (app.moderator || app.current.facts.isKept);

const isPinned = (/** @type {Message} */ { seq = 0 }, /** @type {Page} */ { app }) => app.current.facts.pins.includes(seq);

/** Everything that one can do with a message, in the order in which it is offered. @type {Action[]} */
export const actions = [
  {
    name: "reply",
    label: () => "js.act.reply",
    may: (_, { app }) => !app.current.facts.archived,
    act: (message, { composer }) => composer.reply(message),
  },
  {
    name: "edit",
    label: () => "js.act.edit",
    may: (message, page) => isOwn(message, page) && !page.app.current.facts.archived,
    act: (message, { composer }) => composer.edit(message),
  },
  {
    name: "copy",
    label: () => "js.act.copy",
    may: (message) => message.text !== "",
    act: (message, { app }) => copy(message.text, app),
  },
  {
    name: "link",
    label: () => "js.act.link",
    may: () => true,
    act: (message, { app }) => copy(`${location.origin}${app.hrefOf(app.current.name)}#${message.seq}`, app),
  },
  {
    name: "pin",
    label: (message, page) => (isPinned(message, page) ? "js.act.unpin" : "js.act.pin"),
    may: (_, { app }) => !app.current.facts.archived,
    act: (message, page) => {
      const on = !isPinned(message, page);
      page.app.ask({ type: "pin", room: page.app.current.name, of: message.seq ?? 0, on }).catch(({ message: why }) => notice(why));
    },
  },
  {
    name: "written",
    label: (message) => (isWritten(message) ? "js.act.formatted" : "js.act.written"),
    may: (message) => message.text !== "" && message.html !== "",
    act: (message, { app }, row) => toggleWritten(row, message, app),
  },
  {
    name: "delete",
    label: () => "js.act.delete",
    may: (message, page) => (page.app.current.facts.archived ? page.app.moderator : isOwn(message, page) || keepsOrder(page)),
    act: async (message, { app }) => {
      const { words, current } = app;
      const isSure = await confirmed({
        title: words.say("js.delete.title"),
        text: words.say("js.delete.text"),
        stay: words.say("js.delete.stay"),
        go: words.say("js.act.delete"),
      });
      if (isSure && app.current === current) app.change({ act: "delete" }, message); // else one was put out of the room meanwhile
    },
    isGrave: true,
  },
];

/** @param {string} text @param {import("./app.js").App} app */
function copy(text, { words }) {
  notice(words.say(copyText(text) ? "js.copied" : "js.copied.not"));
}
