import { isolate } from "../lib/text.js";
import { hideStopped, showStopped } from "./menu.js";
import { speak } from "./status.js";

/**
 * Says how the connection stands: nothing while all is well, a banner while it comes back by itself, a dialog where the person has
 * to decide.
 * @param {import("./app.js").App} app
 * @param {import("./banner.js").Banner} banner
 */
export function wireConnection(app, banner) {
  const { words } = app;
  let wasOpen = false;

  app.addEventListener("state", () => {
    const { name, lostAt, retryAt, restarting } = app.state;
    document.body.dataset.connection = name;
    const retry = { since: lostAt, act: words.say("js.banner.try"), onAct: () => app.connect() };
    switch (name) {
      case "open":
        wasOpen = true;
        if (!banner.hidden && banner.key !== "idle") speak(words.say("js.banner.back"));
        banner.show(null);
        hideStopped();
        break;
      case "connecting":
        if (!wasOpen) banner.show({ since: lostAt || Date.now(), key: "connecting", text: () => words.say("js.banner.connecting") });
        else if (banner.key !== "restarting") banner.show({ since: lostAt, key: "lost", text: () => words.say("js.banner.trying") });
        break;
      case "waiting":
        if (restarting) banner.show({ ...retry, key: "restarting", text: () => words.say("js.banner.restarting") });
        else banner.show({ ...retry, key: "lost", until: retryAt, text: (n) => words.count("js.banner.waiting", n) });
        break;
      case "idle":
        banner.show(null);
        if (!document.hidden) showIdle(app);
        break;
      case "ended":
      case "removed":
        banner.show(null);
        showEnd(app, name);
        break;
      default:
        banner.show(null);
    }
  });

  app.addEventListener("warning", (event) => {
    const seconds = /** @type {CustomEvent<number>} */ (event).detail;
    banner.show({
      since: 0,
      key: "idle",
      until: Date.now() + seconds * 1000,
      text: (n) => words.count("js.banner.idle", n),
      act: words.say("js.banner.stay"),
      onAct: () => {}, // any press on the page says that one is there, this one too
    });
  });

  const act = () => {
    if (app.act() && banner.key === "idle") banner.show(null);
  };
  for (const type of ["keydown", "pointerdown", "wheel", "touchmove"]) document.addEventListener(type, act, { passive: true });
}

/** @param {import("./app.js").App} app */
function showIdle(app) {
  const { words, idleSeconds } = app;
  const text =
    idleSeconds % 60 === 0 ? words.count("js.idle.minutes", idleSeconds / 60) : words.count("js.idle.seconds", idleSeconds);
  showStopped({ title: words.say("js.idle.title"), text, act: words.say("js.idle.reconnect"), onAct: () => app.connect() });
}

/** @param {import("./app.js").App} app @param {"ended" | "removed"} why */
function showEnd(app, why) {
  const { words } = app;
  const { reason } = app;
  showStopped({
    title: words.say(`js.${why}.title`),
    text: why === "removed" && reason ? words.say("js.removed.why", { reason: isolate(reason) }) : words.say(`js.${why}.text`),
    act: words.say(`js.${why}.join`),
    onAct: () => location.assign(why === "ended" ? `/?room=${encodeURIComponent(app.current.name)}` : "/"),
  });
}
