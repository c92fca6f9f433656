// What is being completed, and which of many names fit it. Pure, so that it can be tried without a page.

/**
 * What begins a completion: the sign, whether only at the very beginning of the text, whether what is looked for may have spaces in
 * it, and how many characters it needs.
 * @typedef {{ trigger: string, atStart?: boolean, spaces?: boolean, min?: number }} Trigger
 */
/** What is being completed: `query` is what stands between the sign at `start` and the caret at `end`. @typedef {{ start: number, end: number, query: string }} Word */

/** So far before the caret a sign is looked for: names have 32 characters, and a character may be many units. */
const FAR = 100;

/** In front of a sign inside a text: whatever can't be the end of a word. Chinese, Japanese and Thai put no space between words. */
const before = /(^|[^\p{L}\p{N}_:@/.-]|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])$/u;

/**
 * The word before the caret that a sign begins, or null where there is none.
 * @param {string} text @param {number} caret @param {Trigger} trigger @returns {Word | null}
 */
export function wordAt(text, caret, { trigger, atStart = false, spaces = false, min = 0 }) {
  const from = Math.max(0, caret - FAR);
  const start = atStart ? (text.startsWith(trigger) && caret > 0 && caret <= FAR ? 0 : -1) : text.slice(from, caret).lastIndexOf(trigger) + from;
  if (start < from) return null;
  const query = text.slice(start + trigger.length, caret);
  if (start + trigger.length > caret || [...query].length < min) return null;
  if (spaces ? /[\n\t]|^\s|\s\s/u.test(query) : /\s/u.test(query)) return null;
  return atStart || before.test(text.slice(Math.max(0, start - 2), start)) ? { start, end: caret, query } : null;
}

/** Letters as one looks for them: in whatever case, form and with whatever marks on them. @param {string} text */
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().normalize("NFC");
}

/**
 * Of many things the ones whose name has the query in it: first those that begin with it, then those of which a word does, then the
 * others; each kind in the order in which they came.
 * @template T
 * @param {readonly T[]} all @param {string} query @param {(one: T) => string} nameOf @param {number} [most] @returns {T[]}
 */
export function rank(all, query, nameOf, most = 8) {
  const wanted = fold(query);
  /** @type {T[][]} */
  const kinds = [[], [], []];
  for (const one of all) {
    const name = fold(nameOf(one));
    const at = name.indexOf(wanted);
    if (at < 0) continue;
    const isWord = at > 0 && name.split(/[\s_.-]+/u).some((word) => word.startsWith(wanted));
    kinds[at === 0 ? 0 : isWord ? 1 : 2].push(one);
  }
  return kinds.flat().slice(0, most);
}
