/** The words of the page's language, as the server sends them beside the page, under their full keys ("js.…", "refused.…"). */
export class Words {
  #words;
  #plural;

  /** @param {Record<string, string>} words @param {string} lang */
  constructor(words, lang) {
    this.#words = words;
    this.#plural = new Intl.PluralRules(lang);
    this.lang = lang;
  }

  /** What is said under a key, with {names} filled in. A key without words is said as it is, so that one sees it. @param {string} key @param {Record<string, string | number>} [values] */
  say(key, values = {}) {
    const words = this.#words[key] ?? key;
    return words.replace(/\{(\w+)\}/g, (hole, name) => (name in values ? String(values[name]) : hole));
  }

  /** Why the server refused something, in the page's language where there is a sentence for it. @param {{ code: string, message: string }} refusal */
  refusal({ code, message }) {
    return this.#words[`refused.${code}`] ?? message;
  }

  /** What is said of a number of things: {n} is the number, "key.one", "key.other" … its words. @param {string} key @param {number} n @param {Record<string, string | number>} [values] */
  count(key, n, values = {}) {
    const exact = `${key}.${this.#plural.select(n)}`;
    return this.say(exact in this.#words ? exact : `${key}.other`, { n, ...values });
  }
}
