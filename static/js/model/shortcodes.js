import { rank } from "./complete.js";

/** An emoji by its names. @typedef {{ emoji: string, names: string[] }} Named */

/** What code is quoted in is left as it was written. */
const code = /(```[^]*?(?:```|$)|`[^`\n]+`)/;
const shortcode = /:([a-z0-9_+-]{2,60}):/g;

/** Whether a text has something in it that may be the name of an emoji. @param {string} text */
export function hasShortcode(text) {
  return text.split(code).some((part, i) => i % 2 === 0 && part.search(shortcode) >= 0);
}

/** What emoji are called: :smile: and the like. */
export class Shortcodes {
  /** @type {{ name: string, emoji: string }[]} */
  #all = [];
  /** @type {Map<string, string>} */
  #byName = new Map();

  /** @param {{ emoji?: string, shortcodes?: string[] }[]} named as the picker's data have them */
  constructor(named) {
    for (const { emoji = "", shortcodes = [] } of named) {
      for (const name of shortcodes) {
        this.#all.push({ name, emoji });
        if (!this.#byName.has(name)) this.#byName.set(name, emoji);
      }
    }
  }

  /** Those whose names have something in them, the nearest first, each emoji once. @param {string} part */
  find(part) {
    const found = rank(this.#all, part, ({ name }) => name, 24).sort((a, b) => Number(b.name === part) - Number(a.name === part));
    return found.filter(({ emoji }, i) => found.findIndex((other) => other.emoji === emoji) === i).slice(0, 8);
  }

  /** The emoji of a name, "" for none. @param {string} name */
  emoji(name) {
    return this.#byName.get(name) ?? "";
  }

  /** A text with every name that stands in it whole as its emoji. @param {string} text */
  replace(text) {
    const parts = text.split(code);
    return parts.map((part, i) => (i % 2 ? part : part.replace(shortcode, (whole, name) => this.emoji(name) || whole))).join("");
  }
}
