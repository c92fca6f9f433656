import { sizeText } from "../lib/size.js";
import { graphemes } from "../lib/text.js";

/** @typedef {import("../net/uploads.js").Upload} Upload */
/** @typedef {import("../lib/words.js").Words} Words */

/**
 * Shows a file on its way: what it is, how far it is or why it isn't, and what one can do about it.
 * @param {HTMLElement} place
 * @param {Upload} upload
 * @param {{ preview?: string, why: string, words: Words }} how
 */
export function drawUpload(place, upload, { preview, why, words }) {
  const { name, state } = upload;
  place.dataset.state = state;
  const face = faceOf(place, preview);
  const what = make("span", "what");
  const title = make("span", "name");
  title.append(make("bdi", "", inShort(name)));
  title.title = name;
  what.append(title, make("span", "meta", why));
  if (state === "waiting" || state === "sending") {
    const bar = document.createElement("progress");
    bar.ariaLabel = name;
    what.append(bar);
  }
  const acts = [];
  if (state === "failed" && why) acts.push(button("inline", "again", words.say("js.message.again")));
  const remove = button("icon shut", "remove", "");
  remove.ariaLabel = words.say("js.files.remove", { name });
  remove.append(cross());
  what.append(...acts);
  place.replaceChildren(face, what, remove);
  if (!why) drawProgress(place, upload, words);
}

/** So many characters of a name are shown, the last of which say what kind of file it is. */
const NAME = 40;
const END = 12;

/** A long name without its middle. @param {string} name */
function inShort(name) {
  const letters = graphemes(name);
  if (letters.length <= NAME) return name;
  return `${letters.slice(0, NAME - END - 1).join("")}…${letters.slice(-END).join("")}`;
}

/** Shows how far it is. @param {HTMLElement} place @param {Upload} upload @param {Words} words */
export function drawProgress(place, { state, sent, size }, words) {
  const of = { sent: sizeText(sent, words.lang), size: sizeText(size, words.lang) };
  const meta = /** @type {HTMLElement} */ (place.querySelector(".meta"));
  meta.textContent = state === "sending" ? words.say("js.files.of", of) : of.size;
  const bar = place.querySelector("progress");
  if (!bar) return;
  if (sent < size || size === 0) bar.value = size > 0 ? sent / size : 0;
  else bar.removeAttribute("value"); // all is sent, and the server looks at it
}

/** The picture, or the sign of a file that stands there already or in the template. @param {HTMLElement} place @param {string} [preview] */
function faceOf(place, preview) {
  const there = place.querySelector(":scope > span.face");
  if (there) return there;
  const face = make("span", "face");
  const kinds = /** @type {HTMLTemplateElement} */ (document.getElementById("file-kinds"));
  const sign = /** @type {Element} */ (kinds.content.querySelector(".card svg")).cloneNode(true);
  face.append(sign);
  if (!preview) return face;
  const image = document.createElement("img");
  image.alt = "";
  image.onload = () => face.replaceChildren(image); // the name may lie about what it is
  image.src = preview;
  return face;
}

function cross() {
  const shut = /** @type {HTMLTemplateElement} */ (document.getElementById("shut"));
  return /** @type {Element} */ (shut.content.querySelector("svg")).cloneNode(true);
}

/** @param {string} className @param {string} act @param {string} text */
function button(className, act, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.dataset.attach = act;
  made.textContent = text;
  return made;
}

/** @param {string} tag @param {string} className @param {string} [text] */
function make(tag, className, text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
