// Every dialog of the page: opened by name, closed by its button, Escape, a click beside it or the phone's Back, and the focus
// goes back to where it was (which <dialog> sees to).

/** Chromium closes a modal dialog on Android's Back by itself; elsewhere an entry in the history stands for the open dialog. */
const backIsOurs = !("CloseWatcher" in window);

/** @param {string} id @returns {HTMLDialogElement | null} */
export function dialog(id) {
  return /** @type {HTMLDialogElement | null} */ (document.getElementById(id));
}

/**
 * Opens a dialog, modal, in the place of the menu or drawer from which one goes on to it: one step back leads to the chat. One that
 * must be answered has no other way out than its own button.
 * @param {HTMLDialogElement} box
 * @param {{ mustAnswer?: boolean }} [how]
 */
export function openDialog(box, { mustAnswer = false } = {}) {
  if (box.open) return;
  /** @type {HTMLDialogElement | null} */ (document.querySelector("#menu[open], .drawer[open]"))?.close();
  const away = new AbortController();
  const { signal } = away;
  if (mustAnswer) {
    box.addEventListener("cancel", (event) => event.preventDefault(), { signal });
    // Chromium lets a second Escape through; the dialog then stands as firmly as before.
    box.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault(), { signal });
  } else {
    box.addEventListener("click", (event) => event.target === box && isBeside(box, event) && box.close(), { signal });
    if (backIsOurs) {
      const before = history.state?.dialog;
      const isClosed = before && !dialog(before)?.open; // its entry is there until its event of closing has come, and is ours then
      history[isClosed ? "replaceState" : "pushState"]({ dialog: box.id }, "");
    }
    // Where it has no entry, Back leads to another room, of which it knows nothing.
    addEventListener("popstate", () => history.state?.dialog !== box.id && box.close(), { signal });
  }
  const closed = () => {
    if (box.open) return; // the event of an earlier closing: it comes a while after it
    away.abort();
    if (history.state?.dialog === box.id) history.back();
  };
  box.addEventListener("close", closed, { signal });
  box.showModal();
}

/** Padding belongs to the dialog; only what is outside its edge is beside it. @param {HTMLElement} box @param {MouseEvent} event */
function isBeside(box, event) {
  const edge = box.getBoundingClientRect();
  return event.clientX < edge.left || event.clientX > edge.right || event.clientY < edge.top || event.clientY > edge.bottom;
}
