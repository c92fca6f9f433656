// What one chooses for this device, asked for with the sheet (see ui/alerts.js).

import { beep, wakeSound } from "./alert.js";
import { deviceStorage } from "./lib/dom.js";
import { Alerts } from "./model/alerts.js";

/** @typedef {import("./ui/app.js").App} App */

const YEAR = 365 * 24 * 3600;
const alerts = new Alerts(deviceStorage());
const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(`#settings ${selector}`));
const fields = (/** @type {string} */ name) =>
  /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(`#settings input[name="${name}"]`));

/** Shows what is chosen, and goes by what is chosen from now on. @param {App} app */
export function fillSettings(app) {
  looks("density", "comfortable");
  looks("size", "normal");
  const [sound] = fields("sound");
  sound.checked = alerts.isOn("sound");
  sound.onchange = () => {
    alerts.turn("sound", sound.checked);
    if (!sound.checked) return;
    wakeSound();
    beep(); // so that one knows it, and whether the device is loud enough
  };
  room(app);
  notifications(app);
}

/** A choice that the server paints by: it is in a cookie, so that the first picture is right. @param {"density" | "size"} name @param {string} usual */
function looks(name, usual) {
  const root = document.documentElement;
  for (const field of fields(name)) {
    field.checked = field.value === (root.dataset[name] ?? usual);
    field.onchange = () => {
      const isUsual = field.value === usual;
      document.cookie = `parley_${name}=${field.value}; path=/; max-age=${isUsual ? 0 : YEAR}; samesite=lax`;
      if (isUsual) delete root.dataset[name];
      else root.dataset[name] = field.value;
    };
  }
}

/** What one is told of in the room that is shown. "Nothing" is that the room is muted, which is so on all of one's devices. @param {App} app */
function room(app) {
  const { name } = app.current;
  const isMuted = () => app.rooms.some((one) => one.name === name && one.muted);
  find(".room-level legend").textContent = app.words.say("js.settings.level", { room: app.headingOf(name) });
  const show = () => {
    const level = alerts.level(name, isMuted());
    for (const field of fields("level")) field.checked = field.value === level;
  };
  show();
  find(".told").textContent = "";
  for (const field of fields("level")) {
    field.onchange = () => {
      const level = /** @type {import("./model/alerts.js").Level} */ (field.value);
      if (level !== "nothing") alerts.choose(name, level);
      const mute = level === "nothing";
      if (mute === isMuted()) return;
      app.ask({ type: "mute", room: name, on: mute }).catch((/** @type {Error} */ why) => {
        show();
        find(".told").textContent = why.message;
      });
    };
  }
}

/** Notifications of the browser, where it has them; else why not. @param {App} app */
function notifications(app) {
  const [field] = fields("notifications");
  const label = /** @type {HTMLElement} */ (field.closest("label"));
  const why = find("#notifications-why");
  const has = isSecureContext && "Notification" in window;
  label.hidden = !has;
  if (!has) {
    why.textContent = app.words.say(isSecureContext ? "js.settings.none" : "js.settings.insecure");
    return;
  }
  const show = () => {
    field.checked = alerts.isOn("notifications") && Notification.permission === "granted";
    why.textContent = Notification.permission === "denied" ? app.words.say("js.settings.denied") : "";
  };
  show();
  field.onchange = async () => {
    if (field.checked && Notification.permission === "default") await Notification.requestPermission();
    alerts.turn("notifications", field.checked && Notification.permission === "granted");
    show();
  };
}
