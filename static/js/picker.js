// Any emoji: the picker as its makers publish it (static/vendor), made to live with this page's policy. A script of its own: it comes
// when somebody first asks for it.

import { oneEmoji } from "./ui/one_emoji.js";

const PICKER = "vendor/emoji-picker-element-1.29.1";
const EMOJI = "vendor/emoji-picker-element-data-1.8.0";

/** What there is of it in a language; English has both built in or by default. @type {Record<string, { names: string, words: string }>} */
const languages = {
  de: { names: "de/cldr", words: "de" },
  zh: { names: "zh/emojibase", words: "zh_CN" },
};

/**
 * @param {{ words: import("./lib/words.js").Words, base: string }} page `base`: where static files are
 * @returns {Promise<string>} the emoji that one chose, "" for none
 */
export function anyEmoji({ words, base }) {
  return oneEmoji(words, (choose) => makePicker(base, words.lang, choose));
}

/**
 * @param {string} base
 * @param {string} lang
 * @param {(emoji: string) => void} onPick
 * @returns {Promise<HTMLElement>} rejected where it can't be had, or where the browser keeps no database, which it can't do without
 */
async function makePicker(base, lang, onPick) {
  letPickerStyle();
  const own = languages[lang];
  const [{ default: Picker }, words] = await Promise.all([
    import(`${base}/${PICKER}/picker.js`),
    own && import(`${base}/${PICKER}/i18n/${own.words}.js`),
  ]);
  const picker = new Picker({
    locale: own ? lang : "en",
    dataSource: `${base}/${EMOJI}/${own?.names ?? "en/emojibase"}/data.json`,
    ...(words && { i18n: words.default }),
  });
  adopt(picker.shadowRoot);
  picker.addEventListener("emoji-click", (/** @type {any} */ event) => onPick(event.detail.unicode));
  await picker.database.ready();
  return picker;
}

/** Its style element would be refused, where a sheet that a script made is not: it is taken over before the picker is in the page. @param {ShadowRoot} root */
function adopt(root) {
  const style = /** @type {HTMLStyleElement} */ (root.querySelector("style"));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style.textContent ?? "");
  root.adoptedStyleSheets = [sheet];
  style.remove();
}

let canStyle = false;

/**
 * It places things by setting their style attributes. The policy refuses the attribute, as injected markup would have it, but not the
 * properties behind it, which only a script can set. So from here on the one sets the other.
 */
function letPickerStyle() {
  if (canStyle) return;
  canStyle = true;
  const { setAttribute } = Element.prototype;
  /** @param {string} name @param {string} value */
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style" && this instanceof HTMLElement) this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
}
