import { rank } from "../model/complete.js";
import { completion } from "./completion.js";

/** A command as the page was served it, with what it does in words. @typedef {import("../model/slash.js").Slash & { help: string, takes: string }} Command */

/** Commands that take somebody's name, and those that take a room's. */
const OF_PEOPLE = /^(msg|whois|invite|remove|ignore|unignore|kick|ban|unban)$/;
const OF_ROOMS = /^(join|leave)$/;

/** The commands that the page has: those that its help lists. @returns {Command[]} */
export function commands() {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-slash]")]);
  return rows.map((row) => {
    const { slash: name = "", needs } = row.dataset;
    const usage = row.textContent?.trim() ?? "";
    const takes = usage.slice(name.length + 1).trim();
    return { name, usage, takes, needs: needs !== undefined, help: row.nextElementSibling?.textContent ?? "" };
  });
}

/** Completes commands after a slash at the beginning, and the names that they take. @param {import("./app.js").App} app */
export function completeCommands(app) {
  completion.register({
    trigger: "/",
    atStart: true,
    spaces: true,
    title: document.querySelector("#commands")?.textContent ?? "",
    find: (query) => {
      const [typed, rest] = query.split(/ (.*)/s, 2);
      if (rest !== undefined) return argumentsOf(app, typed.toLowerCase(), rest);
      const all = commands();
      if (all.some(({ name }) => name === typed.toLowerCase())) return []; // Enter means what stands there
      return rank(all, typed, ({ name }) => name, all.length).map(({ name, usage, help, takes }) => ({
        label: usage,
        hint: help,
        insert: takes ? `/${name} ` : `/${name}`,
      }));
    },
  });
}

/** @param {import("./app.js").App} app @param {string} command @param {string} typed @returns {{ label: string, insert: string }[]} */
function argumentsOf(app, command, typed) {
  const end = command === "msg" ? " " : "";
  const names = OF_PEOPLE.test(command)
    ? app.known().filter(({ user }) => user !== app.me.user).map(({ name }) => name)
    : OF_ROOMS.test(command) ? app.rooms.filter(({ direct }) => !direct).map(({ name }) => name) : [];
  return rank(names, typed, (name) => name).map((name) => ({ label: name, insert: `/${command} ${name}${end}` }));
}
