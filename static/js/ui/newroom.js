import { dialog, openDialog } from "./dialogs.js";

/** @typedef {import("./app.js").App} App */

/** What a room may be called, the same as on the server. */
const ROOM = /^[a-z0-9_-]{1,48}$/;

/**
 * The sheet to come into a room or to make one: its name, what it is about, and who may come in. Into one that is there already for
 * everybody one just comes, into one with a password by what was given as its password.
 * @param {App} app
 */
export function showNewRoom(app) {
  const { box, form, field, wrong, unlocked } = sheet("make");
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
    const password = field("make-password").value;
    try {
      const made = await app.ask({ type: "create", name, entry: entry(), password });
      if (made.type !== "created") return;
      box.close();
      app.open(made.room);
      const topic = field("make-topic").value.trim();
      if (topic) await app.ask({ type: "topic", room: made.room, text: topic });
    } catch (why) {
      const { code, message } = /** @type {Error & { code?: string }} */ (why);
      if (code !== "taken") return wrong(message);
      if (entry() === "password") return void (await unlocked(app, `~${name}`, password));
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
  const { box, form, field, wrong, unlocked } = sheet("password");
  const title = document.createElement("bdi");
  title.textContent = app.titleOf(room);
  /** @type {HTMLElement} */ (box.querySelector("h2")).replaceChildren(title);
  form.reset();
  wrong("");
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (!(await unlocked(app, room, field("password-field").value))) field("password-field").select();
  };
  openDialog(box);
  field("password-field").focus();
}

/** The parts of a sheet with a form. @param {string} id */
function sheet(id) {
  const box = /** @type {HTMLDialogElement} */ (dialog(id));
  const form = /** @type {HTMLFormElement} */ (box.querySelector("form"));
  const place = /** @type {HTMLElement} */ (box.querySelector(".wrong"));
  const wrong = (/** @type {string} */ words) => {
    place.textContent = words;
    place.hidden = words === "";
  };
  return {
    box,
    form,
    field: (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (document.getElementById(name)),
    wrong,
    /** Whether the password let one into the room, which then is shown; else the sheet says why not. */
    unlocked: async (/** @type {App} */ app, /** @type {string} */ room, /** @type {string} */ password) => {
      try {
        await app.unlock(room, password);
      } catch (why) {
        wrong(/** @type {Error} */ (why).message);
        return false;
      }
      box.close();
      return true;
    },
  };
}
