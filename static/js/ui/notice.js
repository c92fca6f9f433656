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

/** Takes away what it says, as it is so no more. */
export function endNotice() {
  document.querySelector(".notice")?.remove();
}
