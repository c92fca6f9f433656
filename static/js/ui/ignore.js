import { setText } from "../lib/dom.js";

/**
 * Puts what somebody said whom one ignores behind a line that shows it, or back in sight.
 * @param {HTMLElement} row @param {string} user who wrote it @param {import("./app.js").App} app
 */
export function hideIgnored(row, user, app) {
  const isIgnored = app.ignored.has(user);
  let line = row.querySelector(".ignored-line");
  if (Boolean(line) === isIgnored && row.classList.contains("ignored") === isIgnored) return;
  row.classList.toggle("ignored", isIgnored);
  line?.remove();
  if (!isIgnored) return;
  line = document.createElement("p");
  line.className = "ignored-line";
  const said = document.createElement("span");
  setText(said, app.words.say("js.ignore.hidden"));
  const show = document.createElement("button");
  show.type = "button";
  show.className = "inline";
  setText(show, app.words.say("js.ignore.show"));
  show.addEventListener("click", () => row.classList.remove("ignored"));
  line.append(said, " ", show);
  row.append(line);
}
