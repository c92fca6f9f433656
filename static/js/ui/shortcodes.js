import { Shortcodes } from "../model/shortcodes.js";
import { completion } from "./completion.js";

const NAMES = "vendor/emoji-picker-element-data-1.8.0/en/emojibase/data.json";

/** @type {Promise<Shortcodes> | null} */
let asked = null;
/** Once they are there. @type {Shortcodes | null} */
let known = null;

/** The names of emoji come with the first colon that somebody types. @param {string} base */
function load(base) {
  asked ??= fetch(`${base}/${NAMES}`)
    .then((answer) => answer.json())
    .then((named) => (known = new Shortcodes(named)));
  asked.catch(() => (asked = null)); // asked for again with the next
  return asked;
}

/** Completes the names of emoji after a colon. @param {import("../lib/words.js").Words} words @param {string} base where static files are */
export function completeShortcodes(words, base) {
  completion.register({
    trigger: ":",
    title: words.say("js.emoji.title"),
    find: async (query) => {
      const names = await load(base).catch(() => null);
      const part = query.replace(/:$/, "");
      if (!names || part.length < 2 || !/^[a-z0-9_+-]+:?$/i.test(query)) return [];
      if (part !== query) return names.emoji(part) ? [{ label: names.emoji(part), hint: `:${part}:`, insert: names.emoji(part) }] : [];
      return names.find(part.toLowerCase()).map(({ name, emoji }) => ({ label: emoji, hint: `:${name}:`, insert: emoji }));
    },
  });
}

/** A text as it is sent: with the emoji whose names stand in it. @param {string} text */
export function withEmoji(text) {
  return known?.replace(text) ?? text;
}
