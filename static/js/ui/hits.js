import { hue, initials } from "../lib/text.js";
import { clock, dayLabel, dayOf } from "../lib/time.js";

/** @typedef {import("../net/protocol.js").Hit} Hit */

/**
 * Messages that were found, the latest first: each a link to where it was said, with what was looked for marked in it.
 * @param {HTMLElement} list
 * @param {readonly Hit[]} hits
 * @param {import("./app.js").App} app
 */
export function appendHits(list, hits, app) {
  list.append(...hits.map((hit) => entry(hit, app)));
}

/** @param {Hit} hit @param {import("./app.js").App} app */
function entry(hit, app) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `${app.hrefOf(hit.room)}#${hit.seq}`;
  link.append(avatar(hit), head(hit, app), snippet(hit));
  item.append(link);
  return item;
}

/** @param {Hit} hit */
function avatar({ user, name }) {
  const sign = document.createElement("span");
  sign.className = `avatar hue-${hue(user)}`;
  sign.ariaHidden = "true";
  sign.textContent = initials(name);
  return sign;
}

/** Who, where and when. @param {Hit} hit @param {import("./app.js").App} app */
function head({ name, room, time }, app) {
  const line = document.createElement("span");
  line.className = "about";
  const author = document.createElement("bdi");
  author.className = "by";
  author.textContent = name;
  const place = document.createElement("span");
  place.className = "place";
  const title = document.createElement("bdi");
  title.textContent = app.titleOf(room);
  place.append(/^[@~]/.test(room) ? "" : "# ", title);
  const when = document.createElement("time");
  when.dateTime = time;
  when.textContent = `${dayLabel(dayOf(time), dayOf(Date.now()), app.words)}, ${clock(time, app.words.lang)}`;
  line.append(author, " ", place, " ", when);
  return line;
}

/** Texts as texts: what stands at odd places is what was looked for. @param {Hit} hit */
function snippet({ snippet, files = [] }) {
  const text = document.createElement("span");
  text.className = "snippet";
  text.dir = "auto";
  snippet.forEach((part, i) => {
    if (i % 2 === 0) return text.append(part);
    const mark = document.createElement("mark");
    mark.textContent = part;
    text.append(mark);
  });
  for (const name of files) {
    const file = document.createElement("bdi");
    file.className = "name";
    file.textContent = `📎 ${name}`;
    text.append(" ", file);
  }
  return text;
}

/**
 * Arrows go through a list of links, from a field in front of it and back.
 * @param {HTMLElement} box
 * @param {HTMLElement} list
 * @param {HTMLElement} [field]
 */
export function wireArrows(box, list, field) {
  box.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const links = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("a")]);
    const at = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (step === 0 || event.isComposing || (at < 0 && document.activeElement !== field)) return;
    const next = at + step < 0 ? field : links[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
