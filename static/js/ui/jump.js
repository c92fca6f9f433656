import { endNotice, notice } from "./notice.js";

/**
 * Links to rooms and to messages in them open here, unless they were asked for in another tab: /rooms/lobby#42.
 * @param {import("./app.js").App} app
 */
export function wireJumps(app) {
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (!link || link.origin !== location.origin || !/^\/rooms\/[^/]+$/.test(link.pathname)) return; // what is below a room is no room
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const room = decodeURIComponent(link.pathname.slice("/rooms/".length));
    const isAnother = room !== app.current.name;
    app.open(room);
    const seq = seqOf(link.hash);
    if (!seq) return;
    if (isAnother) history.replaceState(null, "", link.hash);
    else if (location.hash !== link.hash) history.pushState(null, "", link.hash);
    app.goTo(seq);
  });
  const follow = () => {
    const seq = seqOf(location.hash);
    if (seq) app.goTo(seq);
  };
  addEventListener("hashchange", follow); // after popstate, which has shown the room
  const far = app.words.say("js.message.far");
  app.addEventListener("far", () => notice(far));
  app.addEventListener("found", () => endNotice(far));
  app.addEventListener("lost", () => notice(app.words.say("js.message.lost")));
  app.addEventListener("refused", (event) => notice(/** @type {CustomEvent} */ (event).detail));
  follow();
}

/** The message that an address names, 0 for none. @param {string} hash */
function seqOf(hash) {
  return /^#\d{1,15}$/.test(hash) ? Number(hash.slice(1)) : 0;
}
