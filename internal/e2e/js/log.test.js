import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, seeded, Storage } from "./browser.js";
import { ada, kinds, logOf, said } from "./reading.js";
import { Room } from "./room.js";
import { Log } from "../../../static/js/model/log.js";
import { Outbox } from "../../../static/js/net/outbox.js";

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
