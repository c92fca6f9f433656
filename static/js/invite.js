// The sheet with the address by which others come, for another room than the page was opened with (see ui/menu.js). Which address leads to
// a room, and its code to be scanned, are on the room's own page.

/**
 * Puts the address of a room into the sheet.
 * @param {string} room
 * @param {string} href of its page
 * @param {HTMLDialogElement} box
 */
export async function leadTo(room, href, box) {
  const answer = await fetch(href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = [".qr", ".url"].map((part) => page.querySelector(`#invite ${part}`));
  if (!parts.every((part) => part)) throw new Error("no invitation");
  for (const part of /** @type {Element[]} */ (parts)) box.querySelector(`.${part.className}`)?.replaceWith(document.importNode(part, true));
  box.dataset.room = room;
}
