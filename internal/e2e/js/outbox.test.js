import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, Storage, seeded } from "./browser.js";
import { Outbox } from "../../../static/js/net/outbox.js";

function tab(storage, { clock = new Clock(), user = "u_ada", limit = 4000 } = {}) {
  const sent = [];
  const line = { up: true };
  const send = (command) => line.up && sent.push(command) > 0;
  const outbox = new Outbox({ storage, user, send, limit, clock, random: () => 1 });
  return { outbox, sent, clock, line };
}

const lobby = (text) => ({ room: "lobby", text });
const ack = (id) => ({ type: "ack", id, room: "lobby", seq: 1, time: "" });
const texts = (entries) => entries.map((entry) => entry.text);

test("what was written without a connection survives a reload, in its order and with its ids", () => {
  const storage = new Storage();
  const first = tab(storage);
  for (const text of ["one", "two", "three"]) first.outbox.add(lobby(text));
  const ids = first.outbox.entries.map((entry) => entry.id);
  assert.equal(first.sent.length, 0);

  const second = tab(storage, { clock: first.clock });
  assert.deepEqual(texts(second.outbox.in("lobby")), ["one", "two", "three"]);
  second.outbox.resume();
  for (const id of ids) {
    assert.equal(second.sent.at(-1).id, id);
    second.outbox.receive(ack(id));
  }
  assert.deepEqual(texts(second.sent), ["one", "two", "three"]);
  assert.equal(storage.length, 0);
});

test("a text is stored before it is sent", () => {
  const storage = new Storage();
  let kept = 0;
  const outbox = new Outbox({ storage, user: "u_ada", send: () => (kept = storage.length) > 0, clock: new Clock() });
  outbox.resume();
  outbox.add(lobby("hi"));
  assert.equal(kept, 1);
});

test("a connection that is lost between sending and the ack: the same id again", () => {
  const { outbox, sent } = tab(new Storage());
  outbox.resume();
  const { id } = outbox.add(lobby("hi"));
  outbox.pause();
  outbox.resume();
  assert.deepEqual(sent.map((command) => command.id), [id, id]);
  outbox.receive(ack(id));
  outbox.receive(ack(id));
  assert.equal(outbox.entries.length, 0);
});

test("an ack that was lost is made up for by the message itself, if it is one's own", () => {
  const { outbox } = tab(new Storage());
  outbox.resume();
  const { id } = outbox.add(lobby("hi"));
  outbox.receive({ type: "message", id, user: "u_bob", room: "lobby" });
  assert.equal(outbox.entries.length, 1, "ids are unique per user only");
  outbox.receive({ type: "joined", room: "lobby", messages: [{ id, user: "u_ada" }] });
  assert.equal(outbox.entries.length, 0);
});

test("a refusal keeps the text with its reason, and doesn't stop the next", () => {
  const storage = new Storage();
  const { outbox, sent, clock } = tab(storage);
  outbox.resume();
  const { id } = outbox.add(lobby("bad"));
  outbox.add(lobby("good"));
  outbox.receive({ type: "error", id, code: "forbidden", message: "No." });
  assert.deepEqual(texts(sent), ["bad", "good"]);
  outbox.receive(ack(sent[1].id));

  const later = tab(storage, { clock });
  later.outbox.resume();
  assert.equal(later.sent.length, 0, "what was refused isn't sent by itself");
  assert.equal(later.outbox.entries[0].reason, "No.");
  later.outbox.retry(id);
  assert.equal(later.sent[0].id, id);
  assert.equal(later.outbox.entries[0].state, "waiting");
  later.outbox.receive({ type: "error", id, code: "forbidden", message: "No." });
  later.outbox.drop(id);
  assert.equal(storage.length, 0);
});

test("someone who is too quick waits as long as they are told, without changing the order", () => {
  const { outbox, sent, clock } = tab(new Storage());
  outbox.resume();
  const { id } = outbox.add(lobby("one"));
  outbox.add(lobby("two"));
  outbox.receive({ type: "error", id, code: "rate_limited", message: "", retry_after_ms: 700 });
  clock.tick(699);
  assert.equal(sent.length, 1);
  clock.tick(1);
  assert.deepEqual(texts(sent), ["one", "one"]);
  outbox.receive(ack(id));
  assert.deepEqual(texts(sent), ["one", "one", "two"]);
});

test("a server that can't store is asked again, ever more rarely", () => {
  const { outbox, sent, clock } = tab(new Storage());
  outbox.resume();
  const { id } = outbox.add(lobby("one"));
  const waits = [];
  for (let i = 0; i < 7; i++) {
    const before = clock.now();
    outbox.receive({ type: "error", id, code: "unavailable", message: "" });
    while (sent.length === i + 1) clock.tick(100);
    waits.push(clock.now() - before);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.equal(outbox.entries[0].state, "waiting");
});

test("an answer that never comes is asked for again", () => {
  const { outbox, sent, clock } = tab(new Storage());
  outbox.resume();
  outbox.add(lobby("hi"));
  clock.tick(10_000);
  assert.equal(sent.length, 2);
  assert.equal(sent[0].id, sent[1].id);
});

test("a storage that is missing, full or switched off doesn't stop anyone", () => {
  const off = new Proxy(new Storage(), {
    get() {
      throw new Error("SecurityError");
    },
  });
  for (const storage of [null, new Storage(0), off]) {
    const { outbox, sent } = tab(storage);
    outbox.resume();
    const { id } = outbox.add(lobby("hi"));
    assert.equal(outbox.kept, false);
    assert.deepEqual(texts(sent), ["hi"]);
    outbox.receive(ack(id));
    assert.equal(outbox.entries.length, 0);
  }
  const { outbox } = tab(new Storage());
  outbox.add(lobby("hi"));
  assert.equal(outbox.kept, true);
});

test("strange things in the storage are thrown out; other people's are left", () => {
  const storage = new Storage();
  const clock = new Clock();
  tab(storage, { clock, user: "u_bob" }).outbox.add(lobby("Bob's"));
  storage.setItem("parley.outbox.u_ada.x", "{");
  storage.setItem("parley.outbox.u_ada.y", '{"id":"z","text":"moved","at":1,"room":"lobby"}');
  storage.setItem("parley.outbox.u_ada.old", JSON.stringify({ id: "old", text: "last month", at: 1, room: "lobby" }));
  const { outbox, sent } = tab(storage, { clock });
  outbox.resume();
  assert.equal(sent.length, 0);
  assert.equal(storage.length, 1);
});

test("what the server would refuse never enters, counted in characters as the server counts them", () => {
  const storage = new Storage();
  const { outbox } = tab(storage, { limit: 5 });
  for (const text of ["", " \n\t", "\u0000\u0007", "123456", "👍👍👍👍👍👍"]) assert.equal(outbox.add(lobby(text)), null);
  for (const text of ["12345", "👍👍👍👍👍", "12345   \n", "1\u00072345"]) assert.ok(outbox.add(lobby(text)), text);
  assert.equal(outbox.over("1234567"), 2);
  assert.equal(storage.length, 4);
});

test("two tabs share what is unsent: one sends it, the other takes over only when that one is gone", () => {
  const storage = new Storage();
  const clock = new Clock();
  const [a, b] = [tab(storage, { clock }), tab(storage, { clock })];
  const pass = (id, from = b) => from.outbox.storageChanged({ key: `parley.outbox.u_ada.${id}`, newValue: storage.getItem(`parley.outbox.u_ada.${id}`) });
  a.outbox.resume();
  b.outbox.resume();
  const { id } = a.outbox.add(lobby("from a"));
  pass(id);
  clock.tick(1000);
  assert.equal(b.sent.length, 0);
  a.outbox.receive(ack(id));
  pass(id);
  clock.tick(60_000);
  assert.equal(b.sent.length, 0);

  const orphan = a.outbox.add(lobby("then a was closed"));
  a.outbox.pause();
  pass(orphan.id);
  clock.tick(30_000);
  assert.deepEqual(b.sent.map((command) => command.id), [orphan.id]);
  b.outbox.receive(ack(orphan.id));
  assert.equal(storage.length, 0);
});

test("whatever is lost, cut and reloaded, each text is stored once and in its order", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seeded(seed);
    const storage = new Storage();
    const clock = new Clock();
    const stored = new Map(); // the server: id to text, in the order of storing
    let page = tab(storage, { clock });
    let read = 0;
    let written = 0;
    const serve = () => {
      for (; read < page.sent.length; read++) {
        const { id, text } = page.sent[read];
        const fate = random();
        if (fate < 0.1) continue; // lost on its way
        if (fate < 0.2) {
          page.outbox.receive({ type: "error", id, code: "rate_limited", message: "", retry_after_ms: 300 });
          continue;
        }
        if (!stored.has(id)) stored.set(id, text);
        if (fate < 0.3) continue; // the ack is lost
        page.outbox.receive(ack(id));
      }
    };
    const acts = [
      () => page.outbox.add(lobby(`text ${written++}`)),
      () => page.outbox.resume(),
      () => page.outbox.pause(),
      () => serve(),
      () => clock.tick(random() * 12_000),
      () => {
        page.outbox.pause();
        page = tab(storage, { clock });
        read = 0;
      },
    ];
    for (let i = 0; i < 100; i++) acts[Math.floor(random() * acts.length)]();
    page.outbox.resume();
    for (let i = 0; i < 500 && page.outbox.entries.length > 0; i++) {
      serve();
      clock.tick(10_000);
    }
    assert.deepEqual([...stored.values()], Array.from({ length: written }, (_, i) => `text ${i}`), `seed ${seed}`);
    assert.equal(storage.length, 0);
  }
});

test("changes of messages wait like messages, in one order with them, and are gone or refused in the end", () => {
  const sent = [];
  const storage = new Storage();
  const outbox = new Outbox({ storage, user: "u_ada", send: (command) => sent.push(command) > 0, clock: new Clock() });
  const refused = [];
  outbox.onRefused = (reason) => refused.push(reason);
  const on = { room: "lobby", of: 7 };
  outbox.add({ room: "lobby", text: "first", reply_to: 7, quote: { user: "u_bob", name: "Bob", text: "hi" } });
  outbox.change({ act: "edit", text: "second  " }, on);
  outbox.change({ act: "react", emoji: "👍", on: true }, on);
  outbox.change({ act: "delete" }, on);
  assert.equal(outbox.change({ act: "edit", text: " " }, on), null);
  const again = new Outbox({ storage, user: "u_ada", send: (command) => sent.push(command) > 0, clock: new Clock() }); // after a reload
  again.onRefused = outbox.onRefused;
  again.resume();
  for (let i = 0; i < 3; i++) again.receive({ type: "ack", id: sent.at(-1).id, room: "lobby", seq: 8 + i, time: "" });
  again.receive({ type: "error", id: sent.at(-1).id, code: "forbidden", message: "No." });
  assert.deepEqual(
    sent.map(({ id, ...command }) => JSON.parse(JSON.stringify(command))),
    [
      { type: "send", room: "lobby", text: "first", reply_to: 7 },
      { type: "edit", room: "lobby", of: 7, text: "second" },
      { type: "react", room: "lobby", of: 7, emoji: "👍", on: true },
      { type: "delete", room: "lobby", of: 7 },
    ],
  );
  assert.deepEqual([refused, again.entries.length], [["No."], 0]);
  const late = again.change({ act: "edit", text: "too late" }, on);
  again.receive({ type: "error", id: late.id, code: "not_found", message: "Deleted." });
  assert.deepEqual([refused, again.entries.length], [["No.", "Deleted."], 0]);
  const edit = again.change({ act: "edit", text: "third" }, on);
  again.receive({ type: "error", id: edit.id, code: "too_long", message: "Too long." });
  assert.deepEqual([again.entries[0].state, again.entries[0].reason], ["failed", "Too long."]);
  again.change({ act: "edit", text: "fourth" }, on);
  assert.deepEqual(again.entries.map(({ text, state }) => [text, state]), [["fourth", "waiting"]]);
});
