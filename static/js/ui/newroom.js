import { dialog, openDialog } from "./dialogs.js";

/** @typedef {import("./app.js").App} App */

/** What a room may be called, the same as on the server. */
const ROOM = /^[a-z0-9_-]{1,48}$/;

/**
 * The sheet to come into a room or to make one: its name, what it is about, and who may come in. Into one that is there for everybody
 * one just comes.
 * @param {App} app
 */
export function showNewRoom(app) {
  const { box, form, field, wrong } = sheet("make");
  const entry = () => String(new FormData(form).get("entry"));
  const typed = () => {
    /** @type {HTMLElement} */ (box.querySelector(".password")).hidden = entry() !== "password";
    field("make-name").removeAttribute("aria-invalid");
    wrong("");
  };
  form.reset();
  form.oninput = typed;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const name = field("make-name").value.trim().replace(/^#\s*/, "").toLowerCase().replace(/\s+/g, "-");
    if (!ROOM.test(name)) {
      wrong(app.words.say("js.rooms.bad"));
      field("make-name").setAttribute("aria-invalid", "true");
      return;
    }
    try {
      const made = await app.ask({ type: "create", name, entry: entry(), password: field("make-password").value });
      if (made.type !== "created") return;
      box.close();
      app.open(made.room);
      const topic = field("make-topic").value.trim();
      if (topic) await app.ask({ type: "topic", room: made.room, text: topic });
    } catch (why) {
      const { code, message } = /** @type {Error & { code?: string }} */ (why);
      if (code !== "taken" || entry() !== "open") return wrong(message);
      box.close();
      app.open(name);
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
