import { fold } from "./complete.js";

/**
 * What one can go to: a room that there is, somebody, or a room that is yet to be made.
 * @typedef {{ room: string, title: string, kind: "room" | "person" | "new", unread: number, mentions: number, muted: boolean }} Choice
 */

/** What a room may be called, the same as on the server. */
const ROOM = /^[a-z0-9_-]{1,48}$/;
/** How many are shown: nobody reads more, and a letter more leaves fewer. */
const MOST = 30;

/**
 * What fits what somebody writes to go somewhere, the best first: by how well it fits, then by when it was shown last, then by what
 * waits there. Letters count in whatever case and with whatever marks; they may stand apart, as in "grd" for garden.
 * @param {string} text
 * @param {readonly Choice[]} all @param {readonly string[]} recent names of rooms, the latest first
 * @returns {Choice[]}
 */
export function choices(text, all, recent) {
  const query = text.trim().replace(/^[#@]\s*/, "");
  const wanted = fold(query);
  const fitting = all.map((choice) => ({ choice, fit: fits(fold(choice.title), wanted), shown: recent.indexOf(choice.room) }));
  const waits = (/** @type {Choice} */ { mentions, unread, muted }) => (muted ? 0 : mentions > 0 ? 2 : unread > 0 ? 1 : 0);
  const found = fitting
    .filter(({ fit }) => fit < NOT)
    .sort(
      (a, b) =>
        a.fit - b.fit || rankOf(a.shown) - rankOf(b.shown) || waits(b.choice) - waits(a.choice),
    )
    .map(({ choice }) => choice)
    .slice(0, MOST);
  const name = query.toLowerCase().replace(/\s+/g, "-");
  if (ROOM.test(name) && !all.some(({ room }) => room === name)) {
    found.push({ room: name, title: name, kind: "new", unread: 0, mentions: 0, muted: false });
  }
  return found;
}

/**
 * The same with those first that are there already, as they stand: what others do moves nothing from under a finger. A room that is yet
 * to be made comes last.
 * @param {Choice[]} found @param {readonly Choice[]} placed
 * @returns {Choice[]}
 */
export function inPlace(found, placed) {
  const places = new Map(placed.map(({ room }, i) => [room, i]));
  const place = (/** @type {Choice} */ { room, kind }) => (kind === "new" ? placed.length + 1 : (places.get(room) ?? placed.length));
  return [...found].sort((a, b) => place(a) - place(b));
}

const NOT = 4;

/** How well a name fits: it begins so, a word of it does, it has it somewhere, it has its letters in this order, or not at all. @param {string} name @param {string} wanted */
function fits(name, wanted) {
  const at = name.indexOf(wanted);
  if (at === 0) return 0;
  if (at > 0) return name.split(/[\s_.-]+/u).some((word) => word.startsWith(wanted)) ? 1 : 2;
  let from = 0;
  for (const letter of wanted.replace(/\s+/gu, "")) {
    from = name.indexOf(letter, from) + letter.length;
    if (from < letter.length) return NOT;
  }
  return 3;
}

/** What was never shown comes last. @param {number} shown */
function rankOf(shown) {
  return shown < 0 ? 1e9 : shown;
}
