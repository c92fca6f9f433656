import assert from "node:assert/strict";
import { test } from "node:test";
import { choices, inPlace } from "../../../static/js/model/choices.js";
import { Facts } from "../../../static/js/model/facts.js";
import { Unread } from "../../../static/js/model/unread.js";
import { Log } from "../../../static/js/model/log.js";

const ada = { user: "u_ada", name: "Ada" };
const change = (type, seq, more = {}) => ({ type, room: "lobby", seq, user: "u_bob", name: "Bob", time: "", ...more });
const message = (seq) => change("message", seq, { text: "x", html: "" });

test("facts: the topic and the pins as the server says them, and as they change, each change once", () => {
  const facts = new Facts("lobby");
  let told = 0;
  facts.onChange = () => told++;
  facts.receive(change("topic", 3, { room: "dev", text: "of another room" }));
  assert.equal(told, 0);
  facts.receive({ type: "joined", room: "lobby", last: 9, topic: "Lunch", pins: [4, 2] });
  assert.deepEqual([facts.known, facts.topic, facts.pins], [true, "Lunch", [4, 2]]);
  facts.receive(change("pinned", 9, { of: 5, on: true }));
  facts.receive(change("pinned", 10, { of: 5, on: true }));
  facts.receive(change("pinned", 11, { of: 5, on: true }));
  facts.receive(change("pinned", 12, { of: 4, on: false }));
  facts.receive(change("deleted", 13, { of: 2 }));
  facts.receive(change("topic", 14, { text: "" }));
  assert.deepEqual([facts.topic, facts.pins], ["", [5]]);
  facts.receive({ type: "joined", room: "lobby", last: 12, topic: "Lunch", pins: [] }); // an answer from before
  assert.deepEqual(facts.pins, [5]);
  facts.receive({ type: "joined", room: "lobby", last: 20 });
  assert.deepEqual([facts.topic, facts.pins], ["", []]);
  facts.receive({ type: "joined", room: "lobby", last: 3, truncated: true, topic: "From a backup" });
  facts.receive(change("pinned", 4, { of: 2, on: true }));
  assert.deepEqual([facts.topic, facts.pins], ["From a backup", [2]]);
});

test("log: topics and pins have a place in the order, and are no messages", () => {
  const log = new Log("lobby", ada);
  let gaps = 0;
  log.onGap = () => gaps++;
  for (const frame of [message(1), change("topic", 2, { text: "t" }), change("pinned", 3, { of: 1, on: true }), message(4)]) log.receive(frame);
  assert.equal(gaps, 0);
  assert.deepEqual([log.last, log.messages.map(({ seq }) => seq)], [4, [1, 4]]);
  log.receive({ type: "joined", room: "lobby", last: 6, members: [], messages: [], changes: [change("topic", 5, { text: "u" }), change("pinned", 6, { of: 4, on: true })] });
  assert.deepEqual([log.last, log.messages.length], [6, 2]);
});

test("unread: a room that one is asked into counts as one, until one is in it or is removed", () => {
  const unread = new Unread(ada, () => true);
  const team = { room: "~team.k7x2m9qa", last: 5, read: 0, unread: 0, joined: false, inviter: { user: "u_bob", name: "Bob" } };
  unread.receive({ type: "welcome", rooms: [team] });
  assert.equal(unread.total, 1);
  unread.receive({ type: "joined", room: team.room, last: 5, members: [], messages: [], changes: [] });
  assert.deepEqual([unread.total, unread.find(team.room).inviter], [0, undefined]);
  unread.receive({ type: "removal", room: team.room, user: "u_bob", name: "Bob" });
  assert.equal(unread.find(team.room), undefined);
});

test("unread: a muted room counts for itself alone, on every device that hears of it", () => {
  const unread = new Unread(ada, () => true);
  const room = (name, more) => ({ room: name, last: 5, read: 0, unread: 5, joined: true, ...more });
  unread.receive({ type: "welcome", rooms: [room("lobby"), room("dev", { muted: true })] });
  assert.equal(unread.total, 5);
  unread.receive({ type: "muted", room: "lobby", on: true });
  assert.deepEqual([unread.total, unread.find("lobby").unread], [0, 5]);
  unread.receive({ type: "muted", room: "dev", on: false });
  unread.receive({ ...message(6), room: "dev" });
  assert.equal(unread.total, 6);
  unread.receive(change("topic", 6, { text: "Soup" }));
  assert.deepEqual([unread.find("lobby").topic, unread.find("lobby").last], ["Soup", 6]);
});

test("choices: what fits best first, then what was shown last, in any script, and a new room last", () => {
  const one = (room, title, more) => ({ room, title, kind: "room", unread: 0, mentions: 0, muted: false, ...more });
  const all = [
    one("lobby", "lobby"),
    one("garden", "garden"),
    one("rose-garden", "rose-garden"),
    one("@a", "Jörg", { kind: "person" }),
    one("@b", "王小明", { kind: "person", mentions: 1 }),
    one("dev", "dev", { unread: 3 }),
  ];
  const found = (text, recent = []) => choices(text, all, recent).map(({ room, kind }) => (kind === "new" ? `+${room}` : room));
  assert.deepEqual(found("", ["garden", "dev"]), ["garden", "dev", "@b", "lobby", "rose-garden", "@a"]);
  assert.deepEqual(found("gard"), ["garden", "rose-garden", "+gard"]);
  assert.deepEqual(found("garden", ["rose-garden"]), ["garden", "rose-garden"]);
  assert.deepEqual(found("#Rose Garden"), ["rose-garden"]);
  assert.deepEqual(found("rgd"), ["rose-garden", "+rgd"]);
  assert.deepEqual(found("JORG"), ["@a", "+jorg"]);
  assert.deepEqual(found("小明"), ["@b"]);
  assert.deepEqual(found("?!"), []);

  const placed = choices("d", all, []);
  const later = all.map((choice) => ({ ...choice, unread: choice.room === "rose-garden" ? 5 : 0 })).concat(one("den", "den", { unread: 1 }));
  assert.deepEqual(inPlace(choices("d", later, ["den"]), placed).map(({ room }) => room), ["dev", "garden", "rose-garden", "den", "d"]);
});
