// The sheet that says who somebody is, asked for with the first of them (see ui/profile.js).

import { hue, initials, isolate } from "./lib/text.js";
import { clock } from "./lib/time.js";
import { directRoom } from "./net/protocol.js";

/** @typedef {import("./ui/app.js").App} App */
/** @typedef {import("./net/protocol.js").Whois} Whois */

/** Whose sheet it is. */
let shown = "";

/** @param {App} app @param {{ user: string } | { name: string }} who */
export async function show(app, who) {
  const whois = await app.ask({ type: "whois", ...who });
  fill(app, whois);
  app.show("profile");
}

/** @param {string} selector @returns {HTMLElement} */
function find(selector) {
  return /** @type {HTMLElement} */ (document.querySelector(`#profile ${selector}`));
}

/** @param {App} app @param {Whois} whois */
function fill(app, whois) {
  const { user, name } = whois;
  shown = user;
  const face = find(".avatar");
  face.className = `avatar hue-${hue(user)}`;
  face.textContent = initials(name);
  find("bdi").textContent = name;
  find(".state").textContent = [state(app, whois), whois.moderator ? app.words.say("js.profile.moderator") : ""].filter(Boolean).join(" · ");
  const common = whois.in.map((room) => link(app, room));
  find(".common").hidden = user === app.me.user || common.length === 0;
  find(".common").replaceChildren(`${app.words.say("js.profile.common")} `, ...common.flatMap((one, i) => (i > 0 ? [", ", one] : [one])));
  find(".wrong").hidden = true;
  find(".acts button").autofocus = user === app.me.user; // not the field, which would bring up a phone's keyboard
  find(".stack").replaceChildren(...(user === app.me.user ? own(app, whois) : others(app, whois)));
}

/** @param {App} app @param {Whois} whois */
function state(app, { user, here, since, away, barred }) {
  const at = (/** @type {string} */ time) => clock(time, app.words.lang);
  if (barred) return app.words.say("js.profile.barred");
  if (!here) return app.words.say("js.profile.gone");
  if (away) return app.words.say(away.text ? "js.profile.away.text" : "js.profile.away", { time: at(away.since), text: isolate(away.text ?? "") });
  return user === app.me.user ? app.words.say("js.profile.me") : app.words.say("js.profile.here", { time: at(since ?? "") });
}

/** @param {App} app @param {string} room */
function link(app, room) {
  const link = document.createElement("a");
  link.href = app.hrefOf(room);
  link.textContent = app.headingOf(room);
  link.addEventListener("click", close);
  return link;
}

/** What one can do with somebody else. @param {App} app @param {Whois} whois */
function others(app, whois) {
  const { user, name } = whois;
  const message = button(app.words.say("js.profile.message"), () => {
    close();
    app.open(directRoom(app.me.user, user));
  });
  message.className = "primary";
  message.autofocus = true;
  const isIgnored = app.ignored.has(user);
  const ignore = button(app.words.say(isIgnored ? "js.profile.unignore" : "js.profile.ignore"), () =>
    change(app, { type: "ignore", user, on: !isIgnored }, whois),
  );
  const all = [message, ignore];
  if (!app.current.peer) all.splice(1, 0, button(app.words.say("js.profile.mention"), () => mention(name)));
  if (app.moderator && !whois.moderator) all.push(...moderate(app, whois));
  return all;
}

/** What a moderator can do with somebody. @param {App} app @param {Whois} whois */
function moderate(app, whois) {
  const { user, here, barred } = whois;
  if (barred) return [button(app.words.say("js.profile.unban"), () => change(app, { type: "unban", user }, whois))];
  const kick = sure(app, "js.profile.kick", () => change(app, { type: "kick", user }, whois));
  const ban = sure(app, "js.profile.ban", () => change(app, { type: "ban", user }, whois));
  return here ? [kick, ban] : [ban];
}

/** A button that has to be pressed twice. @param {App} app @param {string} label @param {() => void} act */
function sure(app, label, act) {
  let isAsked = false;
  const made = button(app.words.say(label), () => {
    if (isAsked) return act();
    isAsked = true;
    made.textContent = `${app.words.say(label)}: ${app.words.say("js.profile.sure")}`;
  });
  made.className = "quiet";
  return made;
}

/** What one can say of oneself, and whom one ignores. @param {App} app @param {Whois} whois */
function own(app, whois) {
  const { name, away } = whois;
  const named = { id: "own-name", label: app.words.say("js.profile.name"), value: name, most: 1024, act: app.words.say("js.profile.rename") };
  const parts = [lineForm(named, (text) => change(app, { type: "nick", name: text }, whois))];
  if (away) {
    parts.push(button(app.words.say("js.profile.back"), () => change(app, { type: "back" }, whois)));
  } else {
    const why = { id: "away-text", label: app.words.say("js.profile.why"), value: "", most: 100, act: app.words.say("js.profile.set_away") };
    parts.push(lineForm(why, (text) => change(app, { type: "away", text }, whois)));
  }
  for (const [user, name] of app.ignored) {
    parts.push(button(app.words.say("js.profile.unignore.name", { name: isolate(name) }), () => change(app, { type: "ignore", user, on: false }, whois)));
  }
  return parts;
}

/**
 * A field with its button.
 * @param {{ id: string, label: string, value: string, most: number, act: string }} line @param {(text: string) => void} done
 * @returns {HTMLElement}
 */
function lineForm({ id, label, value, most, act }, done) {
  const form = document.createElement("form");
  form.className = "line-form";
  const title = document.createElement("label");
  title.textContent = label;
  title.htmlFor = id;
  const field = document.createElement("input");
  Object.assign(field, { id, value, maxLength: most, dir: "auto", autocomplete: "off" });
  const go = button(act, () => {});
  go.type = "submit";
  form.append(title, field, go);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done(field.value);
  });
  return form;
}

/** Asks the server, and shows how it is then. @param {App} app @param {any} command @param {Whois} whois */
async function change(app, command, whois) {
  try {
    const answer = await app.ask(command);
    const now = answer.type === "whois" ? answer : await app.ask({ type: "whois", user: whois.user });
    if (shown !== whois.user) return; // it is another one's by now
    fill(app, now);
    /** @type {HTMLElement | null} */ (find(".stack").querySelector("input, button"))?.focus();
  } catch (error) {
    if (shown !== whois.user) return;
    find(".wrong").hidden = false;
    find(".wrong").textContent = /** @type {Error} */ (error).message;
  }
}

/** @param {string} name */
function mention(name) {
  close();
  const field = /** @type {HTMLTextAreaElement} */ (document.querySelector("#text"));
  const before = field.value === "" || /\s$/.test(field.value) ? field.value : `${field.value} `;
  field.value = `${before}@${name} `;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  setTimeout(() => field.focus()); // after the dialog has given the focus back to where it was
}

/** @param {string} label @param {() => void} act */
function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function close() {
  /** @type {HTMLDialogElement} */ (document.querySelector("#profile")).close();
}
