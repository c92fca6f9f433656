// Text as people count and see it. The server computes hue, initials and what is emoji alone in the same way (handlers/view.go,
// view_message.go).

const segmenter = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

/** A letter or sign and what is drawn onto it, joined by ZWJ; for browsers without Intl.Segmenter (Firefox before 125). */
const cluster = /\p{RI}{2}|(?:\r\n|[^])(?:[\p{M}\p{Emoji_Modifier}\u{e0020}-\u{e007f}]|\u200d\P{M})*/gu;

/** The user-perceived characters of a text. @param {string} text @returns {string[]} */
export function graphemes(text) {
  if (!segmenter) return text.match(cluster) ?? [];
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

/** How many characters the server counts: Unicode code points. @param {string} text */
export function countCharacters(text) {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count--;
      i++;
    }
  }
  return count;
}

/** A text as the server will store it: without control characters but newline and tab, and without white space at its end. @param {string} text */
export function clean(text) {
  return text
    .replace(/\r\n/g, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .trimEnd();
}

/** The first line of a text that isn't empty, cut where it is long, as the server does it (internal/chat/quote.go). @param {string} text */
export function firstLine(text) {
  const line = text.trim().split("\n", 1)[0].trim();
  const letters = Array.from(line.slice(0, 242));
  return letters.length > 120 ? `${letters.slice(0, 120).join("").trim()}…` : line;
}

/** What stands in an avatar: the first letters of two words, two letters of one alphabetic word, else one character. @param {string} name */
export function initials(name) {
  const words = name.split(/\s+/u).filter(Boolean);
  if (words.length === 0) return "";
  const letters = graphemes(words[0]);
  if (words.length > 1) return upper(letters[0] + graphemes(words[1])[0]);
  const alphabetic = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u.test(letters[0]);
  return upper(alphabetic ? letters.slice(0, 2).join("") : letters[0]);
}

/** Upper case, one character for one: never SS for ß. @param {string} text */
function upper(text) {
  return Array.from(text, (letter) => {
    const large = letter.toUpperCase();
    return countCharacters(large) === 1 ? large : letter;
  }).join("");
}

/** Begins with a sign of the blocks of emoji, or with one that is to be shown as such. */
const emoji = /^(?:[\u2300-\u27bf\u2b00-\u2bff\u{1f000}-\u{1faff}]|\P{L}\ufe0f)/u;

/** Whether a text is up to six emoji and nothing else. @param {string} text */
export function isFewEmoji(text) {
  const said = text.replace(/\s/gu, "");
  if (!emoji.test(said)) return false; // most say so by their first sign
  const signs = graphemes(said);
  return signs.length <= 6 && signs.every((one) => emoji.test(one));
}

const encoder = new TextEncoder();

/** One of 8 colours for a user, the same in every page: 1 + FNV-1a (32 bits) of the user's id mod 8. @param {string} user */
export function hue(user) {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(user)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return (hash % 8) + 1;
}

/** A name inside a sentence keeps its own direction, and leaves the sentence its own. @param {string} name */
export function isolate(name) {
  return `\u2068${name}\u2069`;
}
