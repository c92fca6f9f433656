// The sheet with the address by which others come, asked for when it is opened (see ui/menu.js).

import { copyText } from "./lib/dom.js";

/**
 * Has the sheet lead to the room that is shown.
 * @param {HTMLDialogElement} box
 * @param {import("./ui/app.js").App} app
 */
export async function invite(box, app) {
  const button = /** @type {HTMLElement} */ (box.querySelector('[data-act="copy"]'));
  const label = (button.dataset.label ??= button.textContent ?? "");
  button.textContent = label;
  button.onclick = () => copyAddress(box, button, app.words);
  const room = app.current.name;
  if (box.dataset.room !== room) await leadTo(room, app.hrefOf(room), box);
}

/**
 * Puts the address of a room into the sheet. Which one leads there, and its code to be scanned, are on the room's own page.
 * @param {string} room
 * @param {string} href of its page
 * @param {HTMLDialogElement} box
 */
async function leadTo(room, href, box) {
  const answer = await fetch(href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = [".qr", ".url"].map((part) => page.querySelector(`#invite ${part}`));
  if (!parts.every((part) => part)) throw new Error("no invitation");
  for (const part of /** @type {Element[]} */ (parts)) box.querySelector(`.${part.className}`)?.replaceWith(document.importNode(part, true));
  box.dataset.room = room;
}

/** @param {HTMLDialogElement} box @param {HTMLElement} button @param {import("./lib/words.js").Words} words */
function copyAddress(box, button, words) {
  const address = /** @type {HTMLElement} */ (box.querySelector(".url"));
  const copied = copyText(address.textContent ?? "");
  const told = words.say(copied ? "js.invite.copied" : "js.invite.select");
  /** @type {HTMLElement} */ (box.querySelector('[role="status"]')).textContent = told;
  if (copied) button.textContent = told;
  else getSelection()?.selectAllChildren(address);
}
