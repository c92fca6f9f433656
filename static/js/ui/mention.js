import { rank } from "../model/complete.js";
import { completion } from "./completion.js";
import { offline } from "./notice.js";

/**
 * Completes names after the sign: those of people who are in the room, then of those who wrote what the page has of it.
 * @param {import("./app.js").App} app
 */
export function completeMentions(app) {
  completion.register({
    trigger: "@",
    spaces: true,
    title: app.words.say("js.mention.names"),
    find: (query) => {
      const people = rank(namesIn(app), query, (name) => name).map((name) => ({ label: name, insert: `@${name} ` }));
      const here = { label: "here", hint: app.words.say("js.mention.here"), insert: "@here " };
      return app.current.peer || rank([here], query, (item) => item.label).length === 0 ? people : [...people, here];
    },
  });
}

/**
 * Marks what means oneself. The markup is the same for everybody, so that one's own page alone knows which of it that is.
 * @param {string} user
 */
export function markMentions(user) {
  const sheet = new CSSStyleSheet();
  const mine = `.mention:is(.here, [data-user=${JSON.stringify(user)}])`;
  sheet.insertRule(`.row:not(.mine) ${mine} { background: var(--mark); color: var(--ink); }`);
  try {
    sheet.insertRule(`.row:not(.mine, .gone):has(${mine}) .bubble { background: var(--mark); }`);
  } catch {} // a browser without :has() marks the words alone
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** Opens the search or the list of what means oneself, where their buttons are pressed. @param {import("./app.js").App} app */
export function wireFinders(app) {
  const open = async (/** @type {"search" | "mentions"} */ kind) => {
    const find = await import("../find.js").catch(() => offline(app));
    find?.openFinder(app, kind, "");
  };
  document.addEventListener("click", (event) => {
    const kind = /** @type {Element} */ (event.target).closest("[data-find]")?.getAttribute("data-find");
    if (kind) open(/** @type {"search" | "mentions"} */ (kind));
  });
  app.addEventListener("find", async (event) => {
    // Not from the field: what a dialog gives the focus back to by itself, having had a field of its own selected, Chromium writes
    // nothing in.
    const field = /** @type {HTMLElement} */ (document.querySelector("#text"));
    const find = await import("../find.js").catch(() => offline(app)); // before: meanwhile the field has got the focus back from its command
    if (!find) return;
    field.blur();
    find.openFinder(app, "search", /** @type {CustomEvent<string>} */ (event).detail);
    document.querySelector("#search")?.addEventListener("close", () => field.focus({ preventScroll: true }), { once: true });
  });
}

/** Names that one may mean, each once, one's own not. @param {import("./app.js").App} app @returns {string[]} */
function namesIn(app) {
  const { people, log } = app.current;
  const names = new Map(people.list.map(({ user, name }) => [user, name]));
  for (const row of log.rows) {
    if (row.kind === "message" && !names.has(row.message.user)) names.set(row.message.user, row.message.name);
  }
  names.delete(app.me.user);
  return [...new Set(names.values())];
}
