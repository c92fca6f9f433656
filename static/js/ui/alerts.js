import { deviceStorage } from "../lib/dom.js";
import { Alerts } from "../model/alerts.js";
import { offline } from "./notice.js";

/**
 * Tells of what others say, as it was chosen on this device: by a sound, and where the browser allows it by a notification. What makes
 * them is fetched with the first.
 * @param {import("./app.js").App} app
 */
export function wireAlerts(app) {
  const alerts = new Alerts(deviceStorage());
  const isMuted = (/** @type {string} */ room) => app.rooms.some(({ name, muted }) => name === room && muted);
  const tell = async (/** @type {import("../alert.js").Said} */ said) => {
    const sound = alerts.isOn("sound");
    const notifies = alerts.isOn("notifications") && document.hidden;
    if (!sound && !notifies) return;
    const { beep, notify } = await import("../alert.js");
    if (sound) beep();
    if (notifies) notify(said, app.titleOf(said.room), () => app.open(said.room));
  };
  app.addEventListener("heard", (event) => {
    const message = /** @type {CustomEvent<import("../net/protocol.js").Message>} */ (event).detail;
    const seen = !document.hidden && document.hasFocus() && message.room === app.current.name && app.current.log.following;
    if (alerts.tells(message, { user: app.me.user, muted: isMuted(message.room), seen })) tell(message);
  });
  app.addEventListener("invited", (event) => {
    const invitation = /** @type {CustomEvent<import("../alert.js").Said>} */ (event).detail;
    if (alerts.level(invitation.room, isMuted(invitation.room)) !== "nothing") tell(invitation); // it means oneself
  });
  // A browser lets a page sound only after it was pressed: what makes the sound is begun with the first press.
  const wake = async () => {
    if (!alerts.isOn("sound")) return;
    const { wakeSound } = await import("../alert.js");
    wakeSound();
  };
  for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, wake, { once: true, passive: true });
  document.addEventListener("click", async (press) => {
    const button = /** @type {Element} */ (press.target).closest('[data-act="settings"]');
    if (!button) return;
    const settings = await import("../settings.js").catch(() => offline(app));
    if (!settings) return;
    settings.fillSettings(app);
    app.show("settings");
  });
}
