import { isolate } from "../lib/text.js";
import { dayLabel, dayOf } from "../lib/time.js";

/** @typedef {import("../lib/words.js").Words} Words */
/** @typedef {import("../model/rows.js").Row} Row */

/**
 * Fills a line of the log that isn't a message: a day, the line above what is new, who came and went.
 * @param {HTMLElement} element
 * @param {Exclude<Row, import("../model/rows.js").MessageRow>} row
 * @param {{ words: Words }} page
 */
export function fillLine(element, row, { words }) {
  const lines = linesOf(row, words);
  const text = lines.join("\n");
  if (element.dataset.said === text) return;
  element.dataset.said = text;
  element.className = row.kind === "unread" ? "new" : row.kind;
  element.replaceChildren(
    ...lines.map((line) => {
      const shown = document.createElement("p");
      shown.textContent = line;
      return shown;
    }),
  );
}

/** What such a line says. @param {Exclude<Row, import("../model/rows.js").MessageRow>} row @param {Words} words @returns {string[]} */
export function linesOf(row, words) {
  switch (row.kind) {
    case "day":
      return [dayLabel(row.day, dayOf(Date.now()), words)];
    case "unread":
      return [words.say("js.log.unread")];
    case "note":
      return noteLines(row.note, words);
  }
}

/**
 * What the page itself said, and under it a run of comings and goings in one line.
 * @param {import("../model/notes.js").Note} note
 * @param {Words} words
 */
function noteLines({ joined, left, renamed, lines, uncounted }, words) {
  const names = (/** @type {{ name: string }[]} */ people) => list(people.map((person) => isolate(person.name)), uncounted, words);
  const run = [
    joined.length > 0 ? words.say("js.log.joined", { names: names(joined) }) : "",
    left.length > 0 ? words.say("js.log.left", { names: names(left) }) : "",
    ...renamed.map(({ was, name }) => words.say("js.log.renamed", { was: isolate(was), name: isolate(name) })),
  ];
  return [...lines, run.filter(Boolean).join(" · ")].filter(Boolean);
}

/** "Ana", "Ana and Ben", "Ana, Ben and 3 others", or "and others". @param {string[]} names @param {boolean} uncounted @param {Words} words */
function list([a, b, ...others], uncounted, words) {
  if (!b) return a;
  if (uncounted && others.length > 0) return words.say("js.log.others.uncounted", { a, b });
  return others.length > 0 ? words.count("js.log.others", others.length, { a, b }) : words.say("js.log.and", { a, b });
}
