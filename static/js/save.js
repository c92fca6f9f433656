// Saving a room with its progress in sight. Loaded when one is first saved; without it the browser saves the file by itself.

import { setText } from "./lib/dom.js";
import { sizeText } from "./lib/size.js";
import { speak } from "./ui/status.js";

/** @typedef {import("./lib/words.js").Words} Words */

/** So many bytes are gathered before the browser is given them to keep, which it does on disk where they are many. */
const GATHERED = 4e6;
/** For so long the browser can come for the file that was made. Milliseconds. */
const KEPT = 60_000;

let isSaving = false;

/** Saves what a link leads to. @param {HTMLAnchorElement} link @param {Words} words */
export async function save(link, words) {
  if (isSaving) return; // the server sends one at a time
  isSaving = true;
  const line = document.createElement("div");
  line.className = "saving";
  const bar = document.createElement("progress");
  const said = document.createElement("span");
  const cancel = document.createElement("button");
  const stop = new AbortController();
  bar.ariaLabel = link.textContent;
  cancel.type = "button";
  cancel.className = "inline";
  cancel.textContent = words.say("js.answer.cancel");
  cancel.addEventListener("click", () => stop.abort());
  line.append(bar, said, cancel);
  const links = /** @type {HTMLElement} */ (link.parentElement);
  links.parentElement?.querySelector(".saving")?.remove();
  links.after(line);
  const tell = (/** @type {number} */ bytes) => setText(said, words.say("js.save.busy", { size: sizeText(bytes, words.lang) }));
  tell(0);
  try {
    const answer = await fetch(link.href, { signal: stop.signal, headers: { Accept: "application/json" } }); // in which a refusal then is
    if (!answer.ok) throw new Error((await answer.json()).error.message);
    give(await gather(answer, tell), nameOf(answer));
    setText(said, words.say("js.save.done"));
  } catch (why) {
    // Whatever else goes wrong is that the connection broke, in words of the browser's.
    const text = why instanceof TypeError || !(why instanceof Error) ? words.say("js.save.cut") : why.message;
    setText(said, stop.signal.aborted ? "" : text);
  }
  if (cancel === document.activeElement) link.focus();
  bar.remove();
  cancel.remove();
  speak(said.textContent ?? "");
  isSaving = false;
}

/** Takes an answer to its end. @param {Response} answer @param {(bytes: number) => void} tell @returns {Promise<Blob>} */
async function gather(answer, tell) {
  const type = "application/octet-stream"; // nothing of it is to be shown here
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  let file = new Blob([], { type });
  let bytes = 0;
  /** @type {any[]} */
  let parts = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob([file, ...parts], { type });
    parts.push(value);
    bytes += value.length;
    tell(bytes);
    if (bytes - file.size < GATHERED) continue;
    file = new Blob([file, ...parts], { type });
    parts = [];
  }
}

/** What the server calls the file. @param {Response} answer */
function nameOf(answer) {
  const name = answer.headers.get("Content-Disposition")?.match(/filename\*=UTF-8''(.+)$/)?.[1];
  return decodeURIComponent(name ?? "room");
}

/** Has the browser save a file. @param {Blob} file @param {string} name */
function give(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}
