import { graphemes } from "../lib/text.js";
import { openDialog } from "./dialogs.js";

/** What looks like one emoji; the server has the last word. */
const emojiLike = /^(?:\p{Extended_Pictographic}|\p{RI}{2}|[0-9#*]\ufe0f?\u20e3)/u;

/**
 * Lets one choose any emoji: from the picker where there is a mouse, on phones from their own keyboard, and so where the picker can't be had.
 * @param {{ words: import("../lib/words.js").Words, base: string }} page `base`: where static files are
 * @returns {Promise<string>} "" where one chose none
 */
export function anyEmoji({ words, base }) {
  const box = document.createElement("dialog");
  box.className = "sheet emoji";
  box.id = "emoji";
  box.ariaLabel = words.say("js.emoji.title");
  document.body.append(box);
  return new Promise((answer) => {
    let chosen = "";
    const choose = (/** @type {string} */ emoji) => {
      chosen = emoji;
      box.close();
    };
    box.addEventListener("close", () => {
      box.remove();
      answer(chosen);
    });
    if (matchMedia("(pointer: coarse)").matches) askKeyboard(box, words, choose);
    else showPicker(box, words, base, choose);
    openDialog(box);
  });
}

/** @param {HTMLDialogElement} box @param {import("../lib/words.js").Words} words @param {string} base @param {(emoji: string) => void} choose */
async function showPicker(box, words, base, choose) {
  const waiting = document.createElement("p");
  waiting.className = "text";
  waiting.textContent = words.say("js.emoji.loading");
  waiting.tabIndex = -1;
  waiting.autofocus = true;
  box.classList.add("picking");
  box.append(waiting);
  try {
    const { makePicker } = await import("../picker.js");
    const picker = await makePicker(base, words.lang, choose);
    if (!box.isConnected) return;
    waiting.replaceWith(picker);
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (picker.shadowRoot?.querySelector("input"))?.focus());
  } catch {
    waiting.remove();
    box.classList.remove("picking");
    askKeyboard(box, words, choose);
  }
}

/** @param {HTMLDialogElement} box @param {import("../lib/words.js").Words} words @param {(emoji: string) => void} choose */
function askKeyboard(box, words, choose) {
  const label = document.createElement("label");
  label.htmlFor = "one-emoji";
  label.textContent = words.say("js.emoji.one");
  const field = document.createElement("input");
  field.id = "one-emoji";
  field.autocomplete = "off";
  field.autofocus = true;
  field.setAttribute("autocorrect", "off");
  const stop = document.createElement("button");
  stop.type = "button";
  stop.textContent = words.say("js.answer.cancel");
  stop.addEventListener("click", () => box.close());
  field.addEventListener("input", () => {
    const [first] = graphemes(field.value.trim());
    if (first && emojiLike.test(first)) choose(first);
  });
  const acts = document.createElement("div");
  acts.className = "acts";
  acts.append(stop);
  box.append(label, field, acts);
  field.focus();
}

/**
 * The button beside the field, where there is a mouse: it puts an emoji where the caret is.
 * @param {import("../lib/words.js").Words} words @param {string} base
 * @param {import("./composer.js").Composer} composer
 */
export function wireEmoji(words, base, composer) {
  composer.querySelector(".to-emoji")?.addEventListener("click", async () => {
    const emoji = await anyEmoji({ words, base });
    if (emoji) composer.insert(emoji);
  });
}
