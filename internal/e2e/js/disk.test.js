import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, Databases, Storage, seeded, settled } from "./browser.js";
import { Disk } from "../../../static/js/net/disk.js";
import { Outbox } from "../../../static/js/net/outbox.js";

function tab(storage, databases, { clock = new Clock(), user = "u_ada" } = {}) {
  const sent = [];
  const disk = databases && new Disk(databases, user);
  const outbox = new Outbox({ storage, disk, user, send: (command) => sent.push(command) > 0, limit: 4000, clock, random: () => 1 });
  return { outbox, sent, clock };
}

const lobby = (text) => ({ room: "lobby", text });
const ack = (id) => ({ type: "ack", id, room: "lobby", seq: 1, time: "" });
const texts = (entries) => entries.map((entry) => entry.text);

test("what the storage forgets in a crash is on the disk, and is sent once, in its order and with its ids", async () => {
  const databases = new Databases();
  const first = tab(new Storage(), databases);
  for (const text of ["one", "two", "three"]) first.outbox.add(lobby(text));
  const ids = first.outbox.entries.map((entry) => entry.id);
  await settled();
  databases.crash();

  const second = tab(new Storage(), databases, { clock: first.clock });
  second.outbox.resume();
  assert.equal(second.sent.length, 0, "what is on the disk comes first");
  await settled();
  for (const id of ids) second.outbox.receive(ack(id));
  assert.deepEqual(second.sent.map((command) => command.id), ids);
  assert.deepEqual(texts(second.sent), ["one", "two", "three"]);
  await settled();
  assert.equal(databases.size, 0);
});

test("what is written before the disk has answered is sent after what it held", async () => {
  const databases = new Databases();
  const first = tab(new Storage(), databases);
  first.outbox.add(lobby("before the crash"));
  await settled();
  first.clock.tick(60_000);
  const second = tab(new Storage(), databases, { clock: first.clock });
  second.outbox.resume();
  second.outbox.add(lobby("after it"));
  await settled();
  assert.deepEqual(texts(second.outbox.entries), ["before the crash", "after it"]);
  assert.deepEqual(texts(second.sent), ["before the crash"]);
});

test("a disk that never answers holds nothing up for long", async () => {
  const databases = new Databases();
  databases.state = "silent";
  const { outbox, sent, clock } = tab(new Storage(), databases);
  outbox.resume();
  outbox.add(lobby("hi"));
  await settled();
  assert.equal(sent.length, 0);
  clock.tick(2000);
  assert.deepEqual(texts(sent), ["hi"]);
});

test("either place will do; where both refuse, the page says so and sends all the same", async () => {
  for (const [room, state, kept] of [[1, "refused", true], [0, "well", true], [0, "refused", false], [0, "full", false], [1, "full", true]]) {
    const databases = new Databases();
    databases.state = state;
    const storage = new Storage(room);
    const { outbox, sent, clock } = tab(storage, databases);
    await settled();
    outbox.resume();
    const { id } = outbox.add(lobby("hi"));
    await settled();
    assert.equal(outbox.kept, kept, `room for ${room}, database ${state}`);
    assert.deepEqual(texts(sent), ["hi"]);
    const later = tab(storage, databases, { clock });
    await settled();
    assert.equal(later.outbox.entries.length, kept ? 1 : 0);
    outbox.receive(ack(id));
    await settled();
    assert.equal(storage.length + databases.size, 0);
  }
});

test("a database that was refused once may be there later", async () => {
  const databases = new Databases();
  databases.state = "refused";
  const { outbox } = tab(new Storage(0), databases);
  await settled();
  outbox.add(lobby("one"));
  await settled();
  assert.equal(outbox.kept, false);
  databases.state = "well";
  outbox.add(lobby("two"));
  await settled();
  assert.equal(outbox.kept, true);
});

test("on the disk too, other people's messages are left alone and old ones are forgotten", async () => {
  const databases = new Databases();
  const { outbox, clock } = tab(new Storage(), databases);
  outbox.add(lobby("from last week"));
  await settled();
  clock.tick(7 * 24 * 3_600_000);
  const bob = tab(new Storage(), databases, { clock, user: "u_bob" });
  bob.outbox.add(lobby("Bob's"));
  const ada = tab(new Storage(), databases, { clock });
  await settled();
  assert.deepEqual(texts(ada.outbox.entries), []);
  assert.deepEqual(texts(bob.outbox.entries), ["Bob's"]);
  assert.equal(databases.size, 1);
});

test("what was refused is still known as refused after a crash", async () => {
  const databases = new Databases();
  const first = tab(new Storage(), databases);
  await settled();
  first.outbox.resume();
  const { id } = first.outbox.add(lobby("bad"));
  first.outbox.receive({ type: "error", id, code: "forbidden", message: "No." });
  await settled();
  databases.crash();
  const second = tab(new Storage(), databases, { clock: first.clock });
  await settled();
  second.outbox.resume();
  assert.equal(second.sent.length, 0);
  assert.equal(second.outbox.entries[0].reason, "No.");
});

test("whatever crashes, each text that had the time to be written is stored once and in its order", async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed);
    const clock = new Clock();
    const databases = new Databases();
    const stored = new Map(); // the server: id to text, in the order of storing
    let storage = new Storage();
    let page = tab(storage, databases, { clock });
    let read = 0;
    let written = 0;
    const begin = () => {
      page.outbox.pause();
      page = tab(storage, databases, { clock });
      read = 0;
    };
    const serve = () => {
      for (; read < page.sent.length; read++) {
        const { id, text } = page.sent[read];
        const fate = random();
        if (fate < 0.2) continue; // lost on its way
        if (!stored.has(id)) stored.set(id, text);
        if (fate < 0.4) continue; // the ack is lost
        page.outbox.receive(ack(id));
      }
    };
    const acts = [
      () => page.outbox.add(lobby(`text ${written++}`)),
      () => page.outbox.resume(),
      () => page.outbox.pause(),
      () => serve(),
      async () => {
        await settled(); // the disk is quicker than seconds
        clock.tick(random() * 12_000);
      },
      begin, // a reload, at once
      async () => {
        await settled();
        databases.crash();
        storage = new Storage();
        clock.tick(1000); // until the browser is there again
        begin();
      },
    ];
    for (let i = 0; i < 100; i++) await acts[Math.floor(random() * acts.length)]();
    await settled();
    page.outbox.resume();
    for (let i = 0; i < 500 && page.outbox.entries.length > 0; i++) {
      serve();
      clock.tick(10_000);
    }
    await settled();
    assert.deepEqual([...stored.values()], Array.from({ length: written }, (_, i) => `text ${i}`), `seed ${seed}`);
    assert.equal(databases.size + storage.length, 0, `seed ${seed}`);
  }
});
