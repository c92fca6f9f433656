import { endNotice, notice } from "./notice.js";

/** The page of a room. What is below it is none, and what no room can be called the server answers. */
const PAGE = /^\/rooms\/(@[\w.-]+|~?[a-z0-9_-]{1,48}(?:\.[a-z0-9]{8})?)$/;

/**
 * Links to rooms and to messages in them open here, unless they were asked for in another tab: /rooms/lobby#42.
 * @param {import("./app.js").App} app
 */
export function wireJumps(app) {
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a");
    const room = link?.origin === location.origin ? link.pathname.match(PAGE)?.[1] : undefined;
    if (!link || !room) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const isAnother = room !== app.current.name;
    app.open(room);
    const seq = seqOf(link.hash);
    if (!seq || room !== app.current.name) return; // a room that wants its password first is not shown yet
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
