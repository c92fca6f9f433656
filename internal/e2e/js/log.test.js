import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, seeded, Storage } from "./browser.js";
import { Room } from "./room.js";
import { Words } from "../../../static/js/lib/words.js";
import { Log } from "../../../static/js/model/log.js";
import { Outbox } from "../../../static/js/net/outbox.js";
import { linesOf } from "../../../static/js/ui/line.js";

const ada = { user: "u_ada", name: "Ada" };

function logOf(room, options) {
  const log = new Log(room.name, ada, { zone: "UTC", ...options });
  log.receive(room.joined(-1));
  return log;
}

/** What one reads of a log. */
const said = (log) => log.messages.map(({ seq, text }) => `${seq} ${text}`);
const kinds = (log) => log.rows.map((row) => (row.kind === "message" ? (row.lead ? "Lead" : "more") : row.kind));

/** A message as the server has it, whatever the page adds. */
function plain({ state, reactions, ...message }) {
  assert.equal(state ?? "stored", "stored");
  return reactions?.length ? { ...message, reactions } : message;
}

test("however frames are cut, doubled, delayed and lost, the log is the room's log", () => {
  for (let seed = 1; seed <= 150; seed++) run(seed);
});

function run(seed) {
  const random = seeded(seed);
  const pick = (n) => Math.floor(random() * n);
  const room = new Room();
  const clock = new Clock();
  for (let i = pick(300); i > 0; i--) room.say("u_bob", `before ${i}`);

  const wire = []; // from the server to the page, in order
  let up = false;
  let told = 0; // events that the server has put on the wire
  const byId = new Map();
  const serve = (command) => {
    if (!up) return false;
    if (command.type === "join") wire.push(room.joined(command.since ?? -1, 60));
    if (command.type === "history") wire.push(room.history(command.before, command.limit, command.id));
    if (["edit", "delete", "react"].includes(command.type)) change(command);
    if (command.type === "send") {
      const known = byId.get(command.id) ?? room.say("u_ada", command.text, { id: command.id, reply_to: command.reply_to });
      byId.set(command.id, known);
      if (random() < 0.5) deliver(); // the ack comes before or after the message
      wire.push(room.ack(known));
    }
    return true;
  };
  const change = ({ type, id, of, text, emoji, on }) => {
    const isThere = room.messages.some((message) => message.seq === of && !message.deleted);
    if (!isThere && !byId.has(id)) {
      wire.push({ type: "error", id, code: "not_found", message: "Deleted." });
      return;
    }
    const known = byId.get(id) ?? (type === "edit" ? room.edit(of, text) : type === "delete" ? room.delete(of) : room.react(of, "u_ada", emoji, on));
    byId.set(id, known);
    if (random() < 0.5) deliver();
    wire.push({ ...room.ack(known), id });
  };
  const deliver = () => {
    if (!up) return;
    for (; told < room.last; told++) {
      if (random() < 0.03) continue; // a hole, as nobody wishes
      wire.push(room.events[told]);
      if (random() < 0.05) wire.push(room.events[told]);
    }
  };

  const log = new Log("lobby", ada, { shown: 60, held: 90, zone: "UTC" });
  const outbox = new Outbox({ storage: new Storage(), user: "u_ada", send: serve, clock, random });
  outbox.onChange = () => log.setPending(outbox.in("lobby"));
  log.onGap = (since) => serve({ type: "join", room: "lobby", since });
  const hear = (n) => {
    for (const frame of wire.splice(0, n)) {
      log.receive(frame);
      outbox.receive(frame);
      checkRows(log, seed);
    }
  };
  const connect = () => {
    up = true;
    told = room.last;
    serve({ type: "join", room: "lobby", since: log.last || -1 });
    outbox.resume();
  };
  const cut = () => {
    up = false;
    wire.length = 0;
    log.disconnected();
    outbox.pause();
  };
  const someMessage = () => {
    const messages = room.messages.filter((message) => !message.deleted);
    return messages[pick(messages.length)]?.seq;
  };
  const acts = [
    () => (room.say(random() < 0.5 ? "u_bob" : "u_eve", `said ${seed}`, { reply_to: random() < 0.3 ? someMessage() : undefined }), room.pass(pick(400_000))),
    () => someMessage() && room.edit(someMessage(), `edited ${room.last}`),
    () => someMessage() && random() < 0.5 && room.delete(someMessage()),
    () => someMessage() && room.react(someMessage(), random() < 0.5 ? "u_bob" : "u_ada", random() < 0.5 ? "👍" : "🎉", random() < 0.6),
    () => outbox.add({ room: "lobby", text: `mine ${room.last}`, reply_to: random() < 0.5 ? someMessage() : undefined }),
    () => someMessage() && outbox.change({ act: "react", emoji: "😮", on: random() < 0.6 }, { room: "lobby", of: someMessage() }),
    () => log.lastOwn && outbox.change({ act: random() < 0.7 ? "edit" : "delete", text: `mended ${room.last}` }, { room: "lobby", of: log.lastOwn.seq }),
    () => {
      const ask = random() < 0.5 && room.last > 0 && log.around(1 + pick(room.last));
      if (ask) serve(ask);
    },
    deliver,
    deliver,
    () => hear(pick(6)),
    () => hear(Infinity),
    () => hear(Infinity),
    () => {
      const ask = log.older();
      if (ask) serve(ask);
    },
    () => {
      const ask = log.newer();
      if (ask) serve(ask);
    },
    () => {
      const ask = random() < 0.3 && log.latest();
      if (ask) serve(ask);
    },
    () => (log.following = random() < 0.5),
    () => random() < 0.5 && (up ? cut() : connect()),
  ];
  for (let i = 0; i < 150; i++) acts[pick(acts.length)]();

  for (let i = 0; i < 100 && (!up || outbox.entries.length > 0 || wire.length > 0 || log.last < room.last); i++) {
    cut();
    connect();
    deliver();
    hear(Infinity);
    clock.tick(10_000);
  }
  assert.equal(log.last, room.last, `seed ${seed}: last`);
  log.following = false; // one reads up to the beginning, down to the end, and begins at the end again
  /** @type {Map<number, any>} */
  let read = new Map();
  const shown = () => new Map(log.rows.filter((row) => row.kind === "message" && row.message.seq).map(({ message }) => [message.seq, plain(message)]));
  const go = (/** @type {() => any} */ step, /** @type {() => boolean} */ isThere) => {
    for (let steps = 0; !isThere(); steps++) {
      assert.ok(steps < 500, `seed ${seed}: one gets nowhere`);
      const ask = step();
      if (ask) serve(ask);
      hear(Infinity);
      read = new Map([...read, ...shown()]);
      assert.ok(log.messages.length < 99 + 51, `seed ${seed}: ${log.messages.length} messages are held`);
    }
  };
  const readsAll = () => assert.deepEqual([...read.values()].sort((a, b) => a.seq - b.seq), room.messages.map(plain), `seed ${seed}`);
  go(() => log.latest(), () => log.rows && !log.behind);
  read = shown();
  go(() => log.older(), () => log.rows && !log.more);
  readsAll();
  read = shown();
  go(() => log.newer(), () => log.rows && !log.behind);
  readsAll();
  go(() => log.older(), () => log.rows && !log.more);
  go(() => log.latest(), () => log.rows && !log.behind);
  checkRows(log, seed);
  assert.equal(log.rows.at(-1)?.kind === "message" && log.rows.at(-1).message.seq, room.messages.at(-1)?.seq ?? false);
}

/** What must be true of the lines after each frame. */
function checkRows(log, seed) {
  const messages = log.rows.filter((row) => row.kind === "message");
  const keys = log.rows.map((row) => row.key);
  assert.equal(new Set(keys).size, keys.length, `seed ${seed}: a line stands twice`);
  const seqs = messages.map((row) => row.message.seq ?? Infinity);
  assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b), `seed ${seed}: out of order`);
  assert.ok(messages.filter((row) => row.message.state === "stored").length <= 60, `seed ${seed}: ${messages.length} rows`);
  messages.forEach((row, i) => assert.ok(i > 0 || row.lead, `seed ${seed}: the first row has no author`));
}

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

test("a gap is asked for once, and what came ahead of it waits", () => {
  const room = new Room();
  room.say("u_bob", "1");
  const log = logOf(room);
  const asked = [];
  log.onGap = (since) => asked.push(since);
  for (let i = 2; i <= 5; i++) room.say("u_bob", String(i));
  for (const seq of [4, 5, 3]) log.receive(room.events[seq - 1]);
  assert.deepEqual(asked, [1]);
  assert.deepEqual(said(log), ["1 1"]);
  log.receive(room.events[1]);
  assert.deepEqual(said(log), ["1 1", "2 2", "3 3", "4 4", "5 5"]);
  assert.equal(log.last, 5);
});

test("a message that comes once more doesn't undo what changed it", () => {
  const room = new Room();
  const log = logOf(room);
  const message = room.say("u_bob", "frist");
  log.receive(message);
  log.receive(room.edit(1, "first"));
  log.receive(message);
  assert.deepEqual(said(log), ["1 first"]);
});

test("what waits behind an answer that fills the gap only in part comes after it", () => {
  const room = new Room();
  for (let i = 1; i <= 3; i++) room.say("u_bob", String(i));
  const log = new Log("lobby", ada);
  log.start(room.messages.slice(0, 1), 1, false);
  const answer = room.joined(1);
  log.receive(room.say("u_bob", "4"));
  log.receive(answer);
  assert.deepEqual(said(log), ["1 1", "2 2", "3 3", "4 4"]);
});

test("the latest messages, unasked for, don't stand beside older ones as if nothing lay between", () => {
  const room = new Room();
  for (let i = 1; i <= 10; i++) room.say("u_bob", String(i));
  const log = logOf(room);
  for (let i = 11; i <= 100; i++) room.say("u_bob", String(i));
  log.receive(room.joined(-1));
  assert.deepEqual([log.first, log.last, log.messages.length, log.more], [51, 100, 50, true]);
});

test("someone who missed too much begins with the latest and reads back from there", () => {
  const room = new Room();
  for (let i = 1; i <= 30; i++) room.say("u_bob", String(i));
  const log = logOf(room);
  log.receive({ type: "presence", room: "lobby", event: "join", user: "u_eve", name: "Eve", time: room.events[0].time });
  for (let i = 31; i <= 1000; i++) room.say("u_bob", String(i));
  log.receive(room.joined(log.last));
  assert.equal(log.first, 951);
  assert.equal(log.last, 1000);
  assert.ok(!kinds(log).includes("note"));
  assert.deepEqual(log.older(), { type: "history", id: "older.951", room: "lobby", before: 951 });
  assert.equal(log.older(), null, "asked already");
  assert.ok(!log.isAsking("older.950"), "another refusal");
  assert.ok(log.isAsking("older.951"), "refused");
  log.askAgain();
  assert.equal(log.older()?.id, "older.951");
  log.receive(room.history(951));
  assert.equal(log.first, 901);
});

test("an answer to a question of the log before it was replaced is thrown away", () => {
  const room = new Room();
  for (let i = 1; i <= 100; i++) room.say("u_bob", String(i));
  const log = logOf(room);
  log.older();
  const late = room.history(51);
  for (let i = 101; i <= 900; i++) room.say("u_bob", String(i));
  log.receive(room.joined(log.last));
  log.receive(late);
  assert.equal(log.first, 851);
});

test("a room whose database began anew is shown as it is", () => {
  const before = new Room();
  for (let i = 1; i <= 20; i++) before.say("u_bob", `old ${i}`);
  const log = logOf(before);
  const room = new Room();
  room.say("u_bob", "new");
  log.receive(room.joined(20));
  assert.deepEqual(said(log), ["1 new"]);
  assert.equal(log.last, 1);
  log.receive(room.say("u_bob", "next"));
  assert.deepEqual(said(log), ["1 new", "2 next"]);
});

test("a deleted message says nothing any more, and a late edit doesn't bring it back", () => {
  const room = new Room();
  room.say("u_bob", "secret");
  const log = logOf(room);
  log.receive(room.react(1, "u_eve", "👍", true));
  log.receive(room.delete(1));
  log.receive({ ...room.edit(1, "again"), seq: 4 });
  const [message] = log.messages;
  assert.deepEqual([message.text, message.html, message.deleted, message.reactions], ["", "", 3, undefined]);
});

test("history that was read before a change and comes after it is changed too", () => {
  const room = new Room();
  for (let i = 1; i <= 60; i++) room.say("u_bob", String(i));
  const log = logOf(room);
  log.older();
  const history = room.history(11);
  log.receive(room.edit(5, "five"));
  log.receive(history);
  assert.equal(log.at(5).text, "five");
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

test("a log of days holds the latest only, and fetches the others again", () => {
  const room = new Room();
  const log = logOf(room);
  for (let i = 0; i < 7000; i++) log.receive(room.say("u_bob", "x"));
  assert.ok(log.messages.length <= 5500);
  assert.equal(log.more, true);
  log.following = false;
  while (!log.older()) assert.ok(log.more);
  assert.equal(log.older(), null);
  log.receive({ ...room.history(log.first) });
  assert.ok(log.messages.length > 5000);
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

test("a page that was served with its messages goes on from them", () => {
  const room = new Room();
  for (let i = 1; i <= 80; i++) room.say("u_bob", String(i));
  const log = new Log("lobby", ada, { zone: "UTC" });
  const { messages, last, more } = room.joined(-1);
  log.start(messages, last, more);
  room.say("u_bob", "81");
  room.edit(40, "forty");
  log.receive(room.joined(log.last));
  assert.equal(log.messages.length, 51);
  assert.equal(log.at(40).text, "forty");
  assert.equal(log.more, true);
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
  assert.equal(log.countNew(0, new Set(["u_bob"])), room.messages.filter(({ user }) => user !== "u_ada" && user !== "u_bob").length);

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

test("a log that is cleared shows a line and what is said next, and asks for nothing that was said before", () => {
  const log = new Log("lobby", { user: "u_ada", name: "Ada" });
  const said = (seq) => ({ type: "message", room: "lobby", seq, user: "u_bob", name: "Bob", text: `${seq}`, html: "", time: "2026-11-21T09:20:00.000Z" });
  log.receive({ type: "joined", room: "lobby", last: 7, members: [], messages: [said(6), said(7)], more: true });
  log.clear("Cleared");
  assert.deepEqual(log.rows.map((row) => row.kind), ["note"]);
  assert.equal(log.older(), null);
  log.receive(said(8));
  assert.deepEqual(log.messages.map(({ seq }) => seq), [8]);
  assert.equal(log.last, 8);
});

test("a message far above is shown with what stands around it, and the newest come back", () => {
  const room = new Room();
  for (let i = 1; i <= 1000; i++) room.say("u_bob", `said ${i}`);
  const log = logOf(room);
  const came = [];
  log.onAround = (seq, isThere) => came.push([seq, isThere]);
  assert.equal(log.older()?.id, "older.951");
  const ask = log.around(100);
  assert.deepEqual(ask, { type: "history", id: "around.100.126", room: "lobby", before: 126 });
  log.receive(room.history(951, 50, "older.951")); // on its way already, and of no use any more
  assert.deepEqual([log.first, came.length], [951, 0]);
  log.receive(room.history(126, 50, ask.id));
  assert.deepEqual([log.first, log.messages.at(-1)?.seq, log.rows && log.behind, log.more], [76, 125, true, true]);
  assert.deepEqual(came, [[100, true]]);
  log.receive(room.say("u_bob", "news"));
  assert.equal(log.countNew(1000), 1);
  assert.equal(log.around(90), null, "it is here");
  const newer = log.newer();
  assert.deepEqual([newer?.before, newer?.limit], [176, 51]);
  log.receive(room.history(176, 51, newer?.id));
  assert.equal(log.messages.at(-1)?.seq, 175);
  assert.deepEqual(log.latest(), { type: "join", room: "lobby" });
  log.receive(room.joined(-1));
  assert.deepEqual([log.messages.at(-1)?.seq, log.rows && log.behind], [1001, false]);
});

test("what isn't a message, or not here, is said not to be there, and nothing moves", () => {
  const room = new Room();
  for (let i = 1; i <= 100; i++) room.say("u_bob", `said ${i}`);
  room.react(3, "u_eve", "👍", true);
  const log = logOf(room);
  const came = [];
  log.onAround = (seq, isThere) => came.push([seq, isThere]);
  for (const seq of [101, 5000]) {
    const ask = log.around(seq);
    log.receive(room.history(ask.before, 50, ask.id));
  }
  assert.deepEqual(came, [[101, false], [5000, false]]);
  assert.deepEqual([log.first, log.rows && log.behind], [51, false]);
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

test("an answer shows what it answers as that is now, here or far above", () => {
  const room = new Room();
  room.say("u_bob", "who?");
  const log = logOf(room);
  log.receive(room.say("u_eve", "me", { reply_to: 1 }));
  const quotes = () => log.messages.filter(({ reply_to }) => reply_to).map(({ quote }) => quote);
  assert.deepEqual(quotes(), [{ user: "u_bob", name: "Bob", text: "who?" }]);
  log.receive(room.edit(1, "\n who is it? \nTell"));
  assert.deepEqual(quotes(), [{ user: "u_bob", name: "Bob", text: "who is it?" }]);
  log.receive(room.delete(1));
  assert.deepEqual(quotes(), [{ user: "u_bob", name: "Bob", text: "", deleted: true }]);
  log.receive(room.delete(2));
  assert.equal(log.at(2).quote, undefined);
  for (let i = 0; i < 200; i++) room.say("u_bob", `said ${i}`);
  const late = room.say("u_eve", "and?", { reply_to: 6 });
  const far = logOf(room);
  assert.equal(far.at(6), undefined, "the source is not here");
  far.receive(room.edit(6, "changed"));
  assert.equal(far.at(late.seq).quote.text, "changed");
});
