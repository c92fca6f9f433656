import { dialog, openDialog } from "./dialogs.js";

/**
 * The keys of the page, none of them a single letter.
 * @param {import("./app.js").App} app
 * @param {{ switchRoom: () => unknown, log: import("./log.js").LogView, composer: import("./composer.js").Composer }} parts
 */
export function wireKeys(app, { switchRoom, log, composer }) {
  document.addEventListener("keydown", (event) => {
    // What a dialog did with a key is done, also where it closed with it. Safari says by the old code alone that an input method has it.
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || document.querySelector("dialog:modal")) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === "Escape") {
      if (!composer.cancel()) log.toEnd();
      composer.focus();
    } else if (command && event.key.toLowerCase() === "k") {
      switchRoom();
    } else if (command && event.key === "/") {
      const help = dialog("help");
      if (help) openDialog(help);
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      app.step(event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
    } else {
      return;
    }
    event.preventDefault();
  });
}
