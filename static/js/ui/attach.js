import { isolate } from "../lib/text.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./composer.js").Composer} Composer */

/**
 * Takes files that are picked, pasted or dropped. What shows and uploads them (../attach.js) comes when it is used first; a phone's
 * system offers the camera for a field that takes any kind of file.
 * @param {App} app
 * @param {Composer} composer
 */
export function wireAttach(app, composer) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById("attach"));
  /** @type {Promise<import("../attach.js").Attach> | null} */
  let desk = null;
  const load = async () => {
    const { Attach } = await import("../attach.js");
    return new Attach(app, composer);
  };
  const attach = async (/** @type {File[]} */ files) => {
    const { name: room, facts } = app.current;
    if (files.length === 0 || facts.archived) return;
    try {
      desk ??= load();
      (await desk).add(room, files);
      if (!matchMedia("(pointer: coarse)").matches) composer.focus();
    } catch {
      desk = null;
      composer.warn(app.words.say("js.files.unreachable"));
    }
  };
  const picked = () => {
    attach([...(input.files ?? [])]);
    input.value = ""; // the same file may be picked again
  };
  input.addEventListener("change", picked);
  if (input.files?.length) picked(); // before the script was there
  document.addEventListener("paste", (event) => {
    const pasted = filesOf(event.clipboardData);
    if (pasted.length === 0 || isElsewhere(event.target) || isText(event.clipboardData)) return;
    event.preventDefault();
    attach(pasted);
  });
  wireDrop(app, attach);
  const lost = attachedBefore();
  if (lost.length > 0) composer.warn(app.words.say("js.files.forgotten", { names: lost.map(isolate).join(", ") }));
}

/** What was attached and not sent when this tab loaded its page anew: files can't be kept. @returns {string[]} */
function attachedBefore() {
  try {
    const names = JSON.parse(sessionStorage.getItem("parley.attached") ?? "[]");
    sessionStorage.removeItem("parley.attached");
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

/** @param {App} app @param {(files: File[]) => void} attach */
function wireDrop(app, attach) {
  const sign = /** @type {HTMLElement} */ (document.querySelector(".drop"));
  let isOurs = false; // a picture of the log that is dragged, which browsers take for a file, too
  document.addEventListener("dragstart", () => (isOurs = true));
  document.addEventListener("dragend", () => (isOurs = false));
  const hasFiles = (/** @type {DragEvent} */ event) => !isOurs && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault(); // else the browser would leave the chat for the file
    const isOpen = !app.current.facts.archived && !document.querySelector("dialog:modal");
    event.dataTransfer.dropEffect = isOpen ? "copy" : "none";
    sign.hidden = !isOpen;
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) sign.hidden = true; // out of the window
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const isTaken = !sign.hidden;
    sign.hidden = true;
    if (isTaken) attach(filesOf(event.dataTransfer));
  });
}

/** The files of a paste or a drop, without folders, which can't be read as one. @param {DataTransfer | null} from @returns {File[]} */
function filesOf(from) {
  const items = [...(from?.items ?? [])].filter((item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory);
  return items.map((item) => item.getAsFile()).filter((file) => file !== null);
}

/** Whether one writes in another field, or a dialog is open. @param {EventTarget | null} target */
function isElsewhere(target) {
  const field = /** @type {Element | null} */ (target)?.closest?.("input, textarea, [contenteditable]");
  return (field && field.id !== "text") || document.querySelector("dialog:modal") !== null;
}

/** Whether a picture is only how a program shows a text that it copied, such as a table. @param {DataTransfer | null} from */
function isText(from) {
  return Boolean(from?.types.includes("text/plain") && from.types.includes("text/html"));
}
