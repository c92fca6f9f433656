import { setText } from "../lib/dom.js";

/**
 * Puts what somebody said behind a line that shows it, where one ignores them, or back in sight.
 * @param {HTMLElement} element @param {boolean} isIgnored @param {import("../lib/words.js").Words} words
 */
export function hide(element, isIgnored, words) {
  let line = element.querySelector(".ignored-line");
  if (Boolean(line) === isIgnored && (isIgnored || !element.classList.contains("ignored"))) return; // what was asked for stays in sight
  element.classList.toggle("ignored", isIgnored);
  line?.remove();
  if (!isIgnored) return;
  line = document.createElement("p");
  line.className = "ignored-line";
  const said = document.createElement("span");
  setText(said, words.say("js.ignore.hidden"));
  const show = document.createElement("button");
  show.type = "button";
  show.className = "inline";
  setText(show, words.say("js.ignore.show"));
  show.addEventListener("click", () => element.classList.remove("ignored"));
  line.append(said, " ", show);
  element.append(line);
}
