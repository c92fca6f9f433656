import { graphemes } from "../lib/text.js";
import { openDialog } from "./dialogs.js";

/** What looks like one emoji; the server has the last word. */
const emojiLike = /^(?:\p{Extended_Pictographic}|\p{RI}{2}|[0-9#*]\ufe0f?\u20e3)/u;

/**
 * Asks for one emoji in a dialog: by the picker where there is a mouse, on phones by their own keyboard, and so where there is no picker.
 * @param {import("../lib/words.js").Words} words
 * @param {(choose: (emoji: string) => void) => Promise<HTMLElement>} makePicker
 * @returns {Promise<string>} "" where one chose none
 */
export function oneEmoji(words, makePicker) {
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
    else showPicker(box, words, () => makePicker(choose), () => askKeyboard(box, words, choose));
    openDialog(box);
  });
}

/** @param {HTMLDialogElement} box @param {import("../lib/words.js").Words} words @param {() => Promise<HTMLElement>} make @param {() => void} otherwise */
async function showPicker(box, words, make, otherwise) {
  const waiting = document.createElement("p");
  waiting.className = "text";
  waiting.textContent = words.say("js.emoji.loading");
  waiting.tabIndex = -1;
  waiting.autofocus = true;
  box.classList.add("picking");
  box.append(waiting);
  try {
    const picker = await make();
    if (!box.isConnected) return;
    waiting.replaceWith(picker);
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (picker.shadowRoot?.querySelector("input"))?.focus());
  } catch {
    waiting.remove();
    box.classList.remove("picking");
    otherwise();
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
