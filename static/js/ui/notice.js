import { speak } from "./status.js";

/** How long it is shown. Milliseconds. */
const SHOWN = 4000;

let timer = 0;

/** Says in passing what has come of something that one did: aloud, and for a moment above the line where one writes. @param {string} text */
export function notice(text) {
  const shown = document.querySelector(".notice") ?? document.createElement("p");
  shown.className = "notice";
  shown.textContent = text;
  shown.ariaHidden = "true"; // it is spoken
  document.querySelector("parley-log")?.append(shown);
  speak(text);
  clearTimeout(timer);
  timer = setTimeout(() => shown.remove(), SHOWN);
}

/** Says that something couldn't be had: what is seldom used is fetched with its first use. @param {{ words: import("../lib/words.js").Words }} page */
export function offline({ words }) {
  notice(words.say("js.slash.offline"));
  return null;
}

/** Takes away what was said, as it is so no more. What was said since stays. @param {string} text */
export function endNotice(text) {
  const shown = document.querySelector(".notice");
  if (shown?.textContent === text) shown.remove();
}
