// The lines that a log is shown as.

import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds, logOf } from "./reading.js";
import { Room } from "./room.js";
import { Words } from "../../../static/js/lib/words.js";
import { linesOf } from "../../../static/js/ui/line.js";

test("one's own row is one row from sending to stored, whichever of ack and message comes first", () => {
  for (const order of [["ack", "message"], ["message", "ack"]]) {
    const room = new Room();
    room.say("u_bob", "hi");
    const log = logOf(room);
    const entry = { id: "x1", room: "lobby", text: "hello", at: Date.now(), state: "waiting" };
    const states = [];
    const look = () => {
      const rows = log.rows.filter((row) => row.key === "ix1");
      assert.equal(rows.length, 1);
      assert.equal(rows[0].mine, true);
      states.push(rows[0].message.state);
    };
    log.setPending([entry]);
    look();
    const message = room.say("u_ada", "hello", { id: "x1" });
    for (const type of order) {
      log.receive(type === "ack" ? room.ack(message) : message);
      log.setPending([]); // the outbox lets go of it with either
      look();
    }
    assert.deepEqual(states, ["sending", order[0] === "ack" ? "sent" : "stored", "stored"]);
    assert.equal(log.rows.at(-1).message.html, "<p>hello</p>");
  }
});

test("a refused message keeps its text and its reason", () => {
  const log = logOf(new Room());
  log.setPending([{ id: "x1", room: "lobby", text: "hello", at: Date.now(), state: "failed", code: "forbidden", reason: "No." }]);
  assert.equal(log.rows.at(-1).message.state, "failed");
  assert.equal(log.rows.at(-1).message.reason, "No.");
});

test("grouped by author within 5 minutes, by day, and by what stands between", () => {
  const room = new Room();
  const say = (user, ms) => (room.pass(ms), room.say(user, "x"));
  say("u_bob", 0);
  say("u_bob", 5 * 60_000);
  say("u_bob", 5 * 60_000 + 1);
  say("u_eve", 0);
  say("u_bob", 0);
  say("u_bob", 15 * 3_600_000);
  const log = logOf(room);
  assert.deepEqual(kinds(log), ["day", "Lead", "more", "Lead", "Lead", "Lead", "day", "Lead"]);
  log.markUnread(4);
  assert.deepEqual(kinds(log), ["day", "Lead", "more", "Lead", "Lead", "unread", "Lead", "day", "Lead"]);
  log.receive({ type: "presence", room: "lobby", event: "join", user: "u_eve", name: "Eve", time: room.events[5].time });
  log.receive(say("u_bob", 0));
  assert.deepEqual(kinds(log).slice(-3), ["Lead", "note", "Lead"]);
});

test("days are those of the viewer", () => {
  const room = new Room();
  room.pass(14.5 * 3_600_000); // 23:30 in London
  room.say("u_bob", "x");
  room.pass(3_600_000);
  room.say("u_bob", "x");
  const days = (zone) => logOf(room, { zone }).rows.filter((row) => row.kind === "day").map((row) => row.day);
  assert.deepEqual(days("Europe/London"), ["2026-11-21", "2026-11-22"]);
  assert.deepEqual(days("Asia/Shanghai"), ["2026-11-22"]);
  assert.deepEqual(days("America/New_York"), ["2026-11-21"]);
});

test("the line above what is new stands before others' messages, and only where its place is known", () => {
  const room = new Room();
  for (let i = 1; i <= 100; i++) room.say(i === 60 ? "u_ada" : "u_bob", String(i));
  const log = logOf(room);
  log.markUnread(59);
  const at = () => log.rows[log.rows.findIndex((row) => row.kind === "unread") + 1]?.message?.seq;
  assert.equal(at(), 61);
  log.ignored = new Set(["u_bob"]);
  assert.ok(!kinds(log).includes("unread"), "nothing new but from somebody whom one ignores");
  log.receive(room.say("u_eve", "101"));
  assert.equal(at(), 101);
  log.ignored = new Set();
  assert.equal(at(), 61);
  log.markUnread(20); // 21 is not here yet
  assert.ok(!kinds(log).includes("unread"));
  log.receive((log.older(), room.history(51)));
  assert.equal(at(), 21);
  log.markUnread(-1);
  assert.ok(!kinds(log).includes("unread"));
});

test("a run of comings and goings is one line, and who came and went in it is nobody's news", () => {
  const room = new Room();
  room.say("u_bob", "hi");
  const log = logOf(room);
  const tell = (event, user, name, was) =>
    log.receive({ type: "presence", room: "lobby", event, user, name, was, time: room.events[0].time });
  tell("join", "u_eve", "Eve");
  tell("join", "u_max", "Max");
  tell("leave", "u_zoe", "Zoe");
  tell("leave", "u_eve", "Eve");
  tell("rename", "u_max", "Maxim", "Max");
  log.note("Welcome", room.events[0].time);
  const note = () => log.rows.at(-1).note;
  assert.deepEqual(note().joined, [{ user: "u_max", name: "Maxim" }]);
  assert.deepEqual(note().left, [{ user: "u_zoe", name: "Zoe" }]);
  assert.deepEqual(note().renamed, [{ was: "Max", name: "Maxim" }]);
  assert.deepEqual(note().lines, ["Welcome"]);
  assert.equal(kinds(log).filter((kind) => kind === "note").length, 1);

  log.receive(room.say("u_bob", "next"));
  tell("join", "u_ann", "Ann");
  tell("leave", "u_ann", "Ann");
  assert.equal(kinds(log).filter((kind) => kind === "note").length, 1);
});

test("at a crowd's edge nothing wrong is said of who came and went: only their number is told then", () => {
  const words = new Words(
    {
      "js.log.joined": "{names} joined",
      "js.log.left": "{names} left",
      "js.log.others.one": "{a}, {b} and {n} other",
      "js.log.others.other": "{a}, {b} and {n} others",
      "js.log.others.uncounted": "{a}, {b} and others",
    },
    "en",
  );
  const room = new Room();
  const log = logOf(room);
  const tell = (event, from, to) => {
    for (let i = from; i < to; i++) log.receive({ type: "presence", room: "lobby", event, user: `u_${i}`, name: `Guest ${i}`, time: "" });
  };
  const crowd = (count, members) => log.receive({ type: "crowd", room: "lobby", count, members });
  const notes = () => log.rows.filter((row) => row.kind === "note");
  const lines = () => notes().flatMap((row) => linesOf(row, words)).map((line) => line.replace(/[\u2068\u2069]/g, ""));
  tell("join", 0, 3);
  log.receive(room.say("u_bob", "hi"));
  tell("join", 3, 499);
  const before = "Guest 0, Guest 1 and 1 other joined";
  assert.deepEqual(lines(), [before, "Guest 3, Guest 4 and 494 others joined"]);
  crowd(501);
  crowd(602);
  assert.deepEqual(lines(), [before], "600 came, which nobody counted");
  crowd(399, []);
  tell("leave", 0, 3);
  assert.deepEqual(lines(), [before, "Guest 0, Guest 1 and others left"], "600 left");
  log.receive(room.say("u_bob", "again"));
  tell("leave", 3, 6);
  assert.equal(lines().at(-1), "Guest 3, Guest 4 and 1 other left", "since then each was told of");
  log.receive({ ...room.joined(log.last), count: 600 });
  assert.equal(lines().length, 2, "nor is anything said where one comes back into a crowd");
});

test("the lines are capped: the oldest go for one at the end, the newest for one who reads above", () => {
  const room = new Room();
  for (let i = 1; i <= 50; i++) room.say("u_bob", String(i));
  const log = logOf(room, { shown: 100 });
  const seqs = () => log.rows.filter((row) => row.kind === "message").map((row) => row.message.seq);
  const come = (n) => {
    for (let i = 0; i < n; i++) log.receive(room.say("u_bob", "x"));
  };
  come(200);
  assert.deepEqual([seqs().length, seqs().at(0), seqs().at(-1), log.behind, log.more], [100, 151, 250, false, true]);

  log.following = false;
  assert.equal(log.older(), null, "they are in memory");
  assert.deepEqual([seqs().length, seqs().at(0), seqs().at(-1), log.behind], [100, 101, 200, true]);
  come(10);
  assert.deepEqual([seqs().at(0), seqs().at(-1)], [101, 200], "what one reads doesn't move");
  assert.equal(log.newer(), null, "they are in memory");
  assert.deepEqual([seqs().at(0), seqs().at(-1), log.behind], [151, 250, true]);
  assert.equal(log.newer(), null);
  assert.deepEqual([seqs().at(-1), log.behind], [260, false]);
  assert.equal(log.newer(), null);
  while (log.rows && log.more) assert.equal(log.older(), null);
  assert.equal(seqs().at(0), 1);
  assert.equal(log.latest(), null);
  assert.deepEqual([seqs().at(-1), log.behind, log.more], [260, false, true]);
});

test("lines that are the same stay the same objects", () => {
  const room = new Room();
  for (let i = 1; i <= 10; i++) room.say("u_bob", String(i));
  const log = logOf(room);
  const before = log.rows;
  log.receive(room.edit(3, "three"));
  log.receive(room.say("u_bob", "11"));
  const changed = log.rows.filter((row) => !before.includes(row));
  assert.deepEqual(changed.map((row) => row.message.seq), [3, 12]);
});

test("500 messages at once take no time", () => {
  const room = new Room();
  const log = logOf(room);
  let asked = 0;
  log.onChange = () => asked++;
  for (let i = 0; i < 500; i++) room.say("u_bob", "x");
  const began = performance.now();
  for (const event of room.events) log.receive(event);
  assert.equal(log.rows.length, 501);
  assert.ok(performance.now() - began < 100, `${performance.now() - began} ms`);
  assert.equal(asked, 500);
});

test("one who reads far above holds what is around it, counts what comes, and misses nothing on the way down", () => {
  const room = new Room();
  for (let i = 1; i <= 400; i++) room.say(i % 2 ? "u_bob" : "u_ada", String(i));
  const log = logOf(room, { shown: 60, held: 90 });
  log.following = false;
  const answer = (ask, most = 51) => {
    if (!ask) return;
    const answered = room.history(ask.before, Math.min(ask.limit ?? 50, most));
    log.receive(room.say("u_bob", "while the answer is under way"));
    log.receive(answered);
  };
  for (let steps = 0; log.rows && log.more; steps++) {
    assert.ok(steps < 100);
    answer(log.older());
  }
  const seqs = () => log.messages.map((message) => message.seq);
  assert.equal(seqs()[0], 1);
  assert.ok(seqs().length < 150 && seqs().at(-1) < 150, "what comes is not held");
  for (let i = 0; i < 100; i++) log.receive(room.say("u_bob", "news"));
  room.react(300, "u_bob", "👍", true);
  log.receive(room.events.at(-1));
  assert.equal(log.countNew(400), room.messages.filter(({ seq, user }) => seq > 400 && user !== "u_ada").length);
  assert.equal(log.countNew(0), room.messages.filter(({ user }) => user !== "u_ada").length);
  log.ignored = new Set(["u_bob"]);
  assert.equal(log.countNew(0), room.messages.filter(({ user }) => user !== "u_ada" && user !== "u_bob").length);

  const shown = () => log.rows.filter((row) => row.kind === "message").map((row) => row.message.seq);
  const read = new Set(shown());
  for (let steps = 0; log.rows && log.behind; steps++) {
    assert.ok(steps < 3000);
    answer(log.newer(), steps % 5 ? 51 : 20); // long messages come fewer at a time
    assert.ok(seqs().length < 150);
    for (const seq of shown()) read.add(seq);
  }
  assert.deepEqual([...read].sort((a, b) => a - b), room.messages.map(({ seq }) => seq));
  log.receive(room.say("u_bob", "the end"));
  assert.equal(seqs().at(-1), room.last);
  assert.deepEqual(log.at(300)?.reactions ?? room.messages.find(({ seq }) => seq === 300).reactions, [{ emoji: "👍", users: ["u_bob"] }]);
});

test("what one does to a message shows at once, and in the end what the server says", () => {
  const room = new Room();
  room.say("u_bob", "hi");
  room.say("u_ada", "helo", { id: "a" });
  const log = logOf(room);
  const shown = (seq) => log.rows.find((row) => row.kind === "message" && row.message.seq === seq).message;
  const entry = { id: "x1", room: "lobby", act: "edit", of: 2, text: "hello", at: 1, state: "waiting" };
  const thumb = { id: "x2", room: "lobby", act: "react", of: 1, emoji: "👍", on: true, text: "", at: 2, state: "waiting" };
  log.setPending([entry, thumb]);
  assert.deepEqual([shown(2).text, shown(2).html, shown(2).state, shown(2).changing], ["hello", "", "sending", "x1"]);
  assert.deepEqual(shown(1).reactions, [{ emoji: "👍", users: ["u_ada"] }]);
  assert.equal(shown(1), shown(1), "the same as long as nothing happens to it");
  const edit = room.edit(2, "hello");
  log.receive({ ...room.ack(edit), id: "x1" });
  log.setPending([thumb]);
  assert.equal(shown(2).text, "hello", "acknowledged, and not told yet");
  log.receive(edit);
  assert.deepEqual([shown(2).text, shown(2).state, shown(2).edited], ["hello", "stored", 3]);
  log.setPending([]);
  assert.equal(shown(1).reactions, undefined, "refused");
  log.setPending([{ ...entry, id: "x3", state: "failed", code: "too_long", reason: "Too long." }]);
  assert.deepEqual([shown(2).state, shown(2).reason, shown(2).changing], ["failed", "Too long.", "x3"]);
  log.setPending([{ id: "x4", room: "lobby", act: "delete", of: 2, text: "", at: 3, state: "waiting" }]);
  assert.deepEqual([shown(2).text, Boolean(shown(2).deleted)], ["", true]);
  assert.equal(log.lastOwn, undefined);
});
