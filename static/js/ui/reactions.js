import { isolate } from "../lib/text.js";

/** @typedef {import("../model/log.js").Message} Message */
/** @typedef {import("../net/protocol.js").Reaction} Reaction */
/** What rows need of the page. @typedef {Pick<import("./app.js").App, "words" | "me" | "nameOf" | "hrefOf" | "current" | "ignored">} Page */

/** A set at hand; any other is in the picker. */
export const atHand = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/** So many names are said of those who set a reaction. */
const NAMED = 12;

/**
 * Shows what stands under a message: a button for each emoji, pressed where one has set it oneself. Those that stay keep their
 * elements, and the focus.
 * @param {HTMLElement} row
 * @param {Message} message
 * @param {Page} page
 */
export function fillReactions(row, { reactions = [] }, page) {
  let chips = row.querySelector(".chips");
  if (reactions.length === 0) {
    if (chips?.contains(document.activeElement)) row.focus();
    chips?.remove();
    return;
  }
  if (!chips) {
    chips = document.createElement("div");
    chips.className = "chips";
    row.querySelector(".bubble")?.after(chips);
  }
  const before = new Map([...chips.querySelectorAll("button[data-emoji]")].map((chip) => [chip.getAttribute("data-emoji"), chip]));
  const shown = reactions.map((reaction) => {
    const chip = before.get(reaction.emoji) ?? button("chip");
    fillChip(/** @type {HTMLButtonElement} */ (chip), reaction, page);
    return chip;
  });
  const add = chips.querySelector("button.add") ?? button("chip add");
  add.ariaLabel = page.words.say("js.act.react");
  add.textContent = "+";
  const wanted = [...shown, add];
  if (wanted.length === chips.children.length && wanted.every((chip, i) => chip === chips.children[i])) return;
  const focused = document.activeElement;
  const wasHere = chips.contains(focused);
  chips.replaceChildren(...wanted);
  if (wasHere) /** @type {HTMLElement} */ (chips.contains(focused) ? focused : row).focus();
}

/** @param {HTMLButtonElement} chip @param {Reaction} reaction @param {Page} page */
function fillChip(chip, { emoji, users }, page) {
  const names = namesOf(users, page);
  const isMine = users.includes(page.me.user);
  chip.dataset.emoji = emoji;
  chip.setAttribute("aria-pressed", String(isMine));
  chip.title = names;
  chip.ariaLabel = page.words.say("js.react.label", { emoji, n: users.length, names });
  const text = `${emoji} ${users.length}`;
  if (chip.textContent !== text) chip.textContent = text;
}

/** "You, Ada and 3 more": those of whom the page knows what they are called, and how many others there are. @param {string[]} users @param {Page} page */
function namesOf(users, page) {
  const known = users.map((user) => page.nameOf(user)).filter(Boolean).slice(0, NAMED).map(isolate);
  const others = users.length - known.length;
  if (others > 0) known.push(page.words.count("js.react.others", others));
  return new Intl.ListFormat(page.words.lang).format(known);
}

/** @param {string} className */
function button(className) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  return made;
}
