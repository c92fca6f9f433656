// A log as Ada's page has it, and what she reads in it.

import { Log } from "../../../static/js/model/log.js";

export const ada = { user: "u_ada", name: "Ada" };

/** Her log of a room that she has just come into. */
export function logOf(room, options) {
  const log = new Log(room.name, ada, { zone: "UTC", ...options });
  log.receive(room.joined(-1));
  return log;
}

/** What was said, each with its seq. */
export const said = (log) => log.messages.map(({ seq, text }) => `${seq} ${text}`);

/** Of what kind the lines are; a message with its author's name is a "Lead". */
export const kinds = (log) => log.rows.map((row) => (row.kind === "message" ? (row.lead ? "Lead" : "more") : row.kind));
