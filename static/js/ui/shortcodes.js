import { Shortcodes, hasShortcode } from "../model/shortcodes.js";
import { completion } from "./completion.js";

const NAMES = "vendor/emoji-picker-element-data-1.8.0/en/emojibase/data.json";

/** How long a text that is to be sent waits for the names in it. Milliseconds. */
const MOMENT = 3000;
/** What couldn't be had is asked for again after this. Milliseconds. */
const AGAIN = 5000;

/** Where static files are. */
let base = "";
/** @type {Promise<Shortcodes> | null} */
let asked = null;
/** Once they are there. @type {Shortcodes | null} */
let known = null;

/** The names of emoji come with the first text that has one in it, or the beginning of one before its caret. */
function load() {
  asked ??= fetch(`${base}/${NAMES}`)
    .then((answer) => answer.json())
    .then((named) => (known = new Shortcodes(named)))
    .catch((why) => {
      setTimeout(() => (asked = null), AGAIN);
      throw why;
    });
  return asked;
}

/** Completes the names of emoji after a colon. @param {import("../lib/words.js").Words} words @param {string} files where static ones are */
export function completeShortcodes(words, files) {
  base = files;
  completion.register({
    trigger: ":",
    title: words.say("js.emoji.title"),
    find: async (query) => {
      const names = await load().catch(() => null);
      const part = query.replace(/:$/, "");
      if (!names || part.length < 2 || !/^[a-z0-9_+-]+:?$/i.test(query)) return [];
      if (part !== query) return names.emoji(part) ? [{ label: names.emoji(part), hint: `:${part}:`, insert: names.emoji(part) }] : [];
      return names.find(part.toLowerCase()).map(({ name, emoji }) => ({ label: emoji, hint: `:${name}:`, insert: emoji }));
    },
  });
}

/**
 * Asks for the names that a text needs, which may be sent soon.
 * @param {string} text
 * @returns {Promise<void> | null} fulfilled when they are there, can't be had, or have taken longer than a moment; null where nothing is missing
 */
export function namesFor(text) {
  if (known || !hasShortcode(text)) return null;
  const answered = load().then(() => {}, () => {});
  return Promise.race([answered, new Promise((late) => setTimeout(late, MOMENT))]);
}

/** A text as it is sent: with the emoji whose names stand in it. @param {string} text */
export function withEmoji(text) {
  return known?.replace(text) ?? text;
}
