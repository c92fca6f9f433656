import { rank } from "../model/complete.js";
import { completion } from "./completion.js";

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
