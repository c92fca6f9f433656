import { dialog, openDialog } from "./dialogs.js";

/** @typedef {import("./app.js").App} App */

/** The sheet to make a room: its name, what it is about, and who may come in. @param {App} app */
export function showNewRoom(app) {
  const { box, form, field, wrong } = sheet("make");
  const entry = () => String(new FormData(form).get("entry"));
  const typed = () => {
    /** @type {HTMLElement} */ (box.querySelector(".password")).hidden = entry() !== "password";
    wrong("");
  };
  form.reset();
  form.oninput = typed;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const name = field("make-name").value.trim().replace(/^#\s*/, "").toLowerCase().replace(/\s+/g, "-");
    try {
      const made = await app.ask({ type: "create", name, entry: entry(), password: field("make-password").value });
      if (made.type !== "created") return;
      box.close();
      app.open(made.room);
      const topic = field("make-topic").value.trim();
      if (topic) await app.ask({ type: "topic", room: made.room, text: topic });
    } catch (why) {
      wrong(/** @type {Error} */ (why).message);
    }
  };
  typed();
  openDialog(box);
  field("make-name").focus();
}

/** The sheet that asks for a room's password. @param {App} app @param {string} room */
export function showPassword(app, room) {
  const { box, form, field, wrong } = sheet("password");
  const title = document.createElement("bdi");
  title.textContent = app.titleOf(room);
  /** @type {HTMLElement} */ (box.querySelector("h2")).replaceChildren(title);
  form.reset();
  wrong("");
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      await app.unlock(room, field("password-field").value);
      box.close();
    } catch (why) {
      wrong(/** @type {Error} */ (why).message);
      field("password-field").select();
    }
  };
  openDialog(box);
  field("password-field").focus();
}

/** The parts of a sheet with a form. @param {string} id */
function sheet(id) {
  const box = /** @type {HTMLDialogElement} */ (dialog(id));
  const form = /** @type {HTMLFormElement} */ (box.querySelector("form"));
  const place = /** @type {HTMLElement} */ (box.querySelector(".wrong"));
  return {
    box,
    form,
    field: (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (document.getElementById(name)),
    wrong: (/** @type {string} */ words) => {
      place.textContent = words;
      place.hidden = words === "";
    },
  };
}
