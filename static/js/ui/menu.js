import { setText } from "../lib/dom.js";
import { dialog, openDialog } from "./dialogs.js";
import { wireLook } from "./look.js";
import { offline } from "./notice.js";
import { openProfile } from "./profile.js";

/** Wires the dialogs that are opened by a button: invite, menu, keys, leave. @param {import("./app.js").App} app */
export function wireDialogs(app) {
  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    const box = button?.closest("dialog");
    switch (button?.dataset.act) {
      case "close":
        box?.close();
        break;
      case "help":
      case "leave":
        show(button.dataset.act);
        break;
      case "me":
        openProfile(app, { user: app.me.user });
        break;
      case "leave-room":
        box?.close();
        app.leaveRoom(app.current.name);
        break;
      default:
        if (button?.dataset.open === "menu") {
          setText(/** @type {HTMLElement} */ (document.querySelector("#menu-title bdi")), app.me.name);
          offerLeaving(app);
          offerSaving(app);
        }
        if (button?.dataset.open) open(button.dataset.open, app);
    }
  });
  app.addEventListener("dialog", (event) => open(/** @type {CustomEvent<string>} */ (event).detail, app));
  wireLook();
  wireDevice(app);
  document.querySelector("#menu .saves")?.addEventListener("click", async (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a"));
    if (!link) return;
    event.preventDefault();
    const saving = await import("../save.js").catch(() => offline(app));
    saving?.save(link, app.words);
  });
}

/** The button that adds a device shows its code in a sheet, and asks for another there. @param {import("./app.js").App} app */
function wireDevice(app) {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("add-device"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const device = await import("../device.js").catch(() => offline(app));
    await device?.showDevice(app, form);
  });
}

/** Shows a sheet, when it says what it has to of the room that is shown. @param {string} id @param {import("./app.js").App} app */
async function open(id, app) {
  const room = app.current.name;
  const box = dialog(id);
  if (id === "invite" && box) {
    try {
      const { invite } = await import("../invite.js");
      await invite(box, app);
    } catch {
      offline(app);
      return;
    }
  }
  if (app.current.name === room) show(id);
}

/** @param {string} id */
function show(id) {
  const box = dialog(id);
  if (box) openDialog(box);
}

/** The lobby and private rooms have no way out but the chat's. @param {import("./app.js").App} app */
function offerLeaving(app) {
  const button = /** @type {HTMLElement} */ (document.querySelector('[data-act="leave-room"]'));
  button.hidden = !app.canLeave(app.current.name);
  button.textContent = app.words.say("js.menu.leave_room", { room: app.headingOf(app.current.name) });
}

/** What is saved is the room that one is in now. @param {import("./app.js").App} app */
function offerSaving(app) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("#menu [data-format]"))) {
    link.href = `${app.hrefOf(app.current.name)}/export.${link.dataset.format}`;
  }
}

/**
 * Says why there is no connection and what to do about it. It must be answered: behind it nothing would be sent.
 * @param {{ title: string, text: string, act: string, onAct: () => void }} why
 */
export function showStopped({ title, text, act, onAct }) {
  const box = /** @type {HTMLDialogElement} */ (dialog("stopped"));
  const button = /** @type {HTMLButtonElement} */ (box.querySelector("button"));
  /** @type {HTMLElement} */ (box.querySelector("h2")).textContent = title;
  /** @type {HTMLElement} */ (box.querySelector(".text")).textContent = text;
  button.textContent = act;
  button.onclick = () => {
    box.close();
    onAct();
  };
  openDialog(box, { mustAnswer: true });
}

/** The connection came back without being asked: nothing is left to answer. */
export function hideStopped() {
  dialog("stopped")?.close();
}
