import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, Page, seeded } from "./browser.js";
import { Socket } from "../../../static/js/net/socket.js";

function connected({ random = () => 1, hasSession } = {}) {
  const clock = new Clock();
  const page = new Page();
  const states = [];
  const frames = [];
  const socket = new Socket({ url: () => `ws://host/ws?since=${frames.length}`, clock, page, random, hasSession });
  socket.onState = (state) => states.push(state.name);
  socket.onFrame = (frame) => frames.push(frame);
  socket.connect();
  page.wire.open();
  return { clock, page, socket, states, frames };
}

/** Answers every ping, for a while. */
function alive(clock, page, ms, step = 100) {
  let answered = page.wire.count("ping");
  for (let passed = 0; passed < ms; passed += step) {
    clock.tick(step);
    while (answered < page.wire.count("ping")) {
      answered++;
      page.wire.says({ type: "pong" });
    }
  }
}

test("a cut network is noticed within 5 s, with the banner's 1.5 s already over", () => {
  const { clock, page, socket } = connected();
  alive(clock, page, 60_000);
  assert.equal(socket.state.name, "open");
  const cut = clock.now();
  while (socket.state.name === "open") clock.tick(50);
  assert.ok(clock.now() - cut <= 5000, `${clock.now() - cut} ms`);
  assert.ok(clock.now() - socket.state.lostAt >= 1500);
  assert.equal(page.living, 0);
});

test("a cut network is noticed as soon on a device whose clock was set back", () => {
  const { clock, page, socket } = connected();
  alive(clock, page, 10_000);
  clock.setBack(3_600_000);
  alive(clock, page, 10_000);
  const cut = clock.now();
  while (socket.state.name === "open" && clock.now() - cut < 60_000) clock.tick(50);
  assert.ok(clock.now() - cut <= 5000, `${clock.now() - cut} ms`);
});

test("a connection on which messages come is not asked", () => {
  const { clock, page, socket, frames } = connected();
  for (let i = 0; i < 60; i++) {
    clock.tick(1000);
    page.wire.says({ type: "message" });
  }
  assert.equal(page.wire.count("ping"), 0);
  assert.equal(frames.length, 60);
  assert.equal(socket.state.name, "open");
});

test("a hidden page asks rarely", () => {
  const { clock, page } = connected();
  page.show(false);
  alive(clock, page, 120_000);
  assert.ok(page.wire.count("ping") <= 7, `${page.wire.count("ping")} pings`);
});

test("a slow network is given more time instead of being cut again and again", () => {
  const { clock, page, socket } = connected({ random: () => 0 });
  const late = [];
  for (let passed = 0; passed < 120_000; passed += 100) {
    clock.tick(100);
    const wire = page.wire;
    if (wire.readyState === 0) wire.open();
    wire.seen ??= 0;
    for (; wire.seen < wire.count("ping"); wire.seen++) late.push({ at: clock.now() + 2000, wire });
    for (const answer of late.filter(({ at }) => at <= clock.now())) {
      late.splice(late.indexOf(answer), 1);
      answer.wire.says({ type: "pong" });
    }
  }
  assert.equal(socket.state.name, "open");
  assert.ok(page.wires.length <= 3, `${page.wires.length} connections`);
});

test("a device that slept asks before it gives up the connection", () => {
  const { clock, page, socket } = connected();
  clock.tick(2600); // a ping is on its way
  clock.sleep(3_600_000);
  assert.equal(socket.state.name, "open");
  page.wire.says({ type: "pong" });
  alive(clock, page, 30_000);
  assert.equal(page.wires.length, 1);
});

test("what an older socket still says is not heard", () => {
  const { clock, page, socket, frames } = connected();
  const old = page.wire;
  old.closes(1006);
  clock.tick(500);
  page.wire.open();
  const heard = frames.length;
  old.says({ type: "message" });
  old.closes(4001);
  assert.equal(frames.length, heard);
  assert.equal(socket.state.name, "open");
  assert.equal(page.wires.length, 2);
});

test("Back from the back/forward cache gives exactly one connection", () => {
  const { clock, page, socket } = connected();
  const old = page.wire;
  page.happen("pagehide", { persisted: true });
  assert.deepEqual(old.closedWith, [[]], "closed without a code: a reload is no leave");
  assert.equal(socket.state.name, "resting");
  clock.tick(60_000);
  assert.equal(page.wires.length, 1);
  page.happen("pageshow", { persisted: true });
  page.show(true);
  page.happen("online");
  old.closes(1006);
  page.wire.open();
  clock.tick(2000);
  assert.equal(page.living, 1);
  assert.equal(page.wires.length, 2);
  assert.equal(socket.state.lostAt, 0);
});

test("waits grow to 15 s, have no end, and are spread", () => {
  const { clock, page, socket } = connected();
  page.wire.closes(1006);
  const waits = [];
  for (let i = 0; i < 40; i++) {
    waits.push(socket.state.retryAt - clock.now());
    clock.tick(waits[i]);
    page.wire.closes(1006);
  }
  assert.deepEqual(waits.slice(0, 7), [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  assert.equal(waits.at(-1), 15_000);

  const back = [];
  for (let i = 0; i < 50; i++) {
    const one = connected({ random: seeded(i) });
    one.page.wire.closes(1001);
    assert.equal(one.socket.state.restarting, true);
    back.push(one.socket.state.retryAt - one.clock.now());
  }
  const perTenth = Array.from({ length: 20 }, (_, i) => back.filter((ms) => ms >= i * 100 && ms < (i + 1) * 100).length);
  assert.ok(Math.max(...perTenth) <= 10 && Math.max(...back) > 1500, String(perTenth));
});

test("ten good seconds, and the next loss begins with short waits again", () => {
  const { clock, page, socket } = connected();
  const lose = () => {
    page.wire.closes(1006);
    const wait = socket.state.retryAt - clock.now();
    clock.tick(wait);
    page.wire.open();
    return wait;
  };
  assert.deepEqual([lose(), lose(), lose()], [500, 1000, 2000]);
  alive(clock, page, 9000);
  assert.equal(lose(), 4000);
  alive(clock, page, 11_000);
  assert.equal(lose(), 500);
});

test("a handshake that nobody answers is given up", () => {
  const { clock, page, socket } = connected();
  page.wire.closes(1006);
  clock.tick(500);
  assert.equal(socket.state.name, "connecting");
  clock.tick(10_000);
  assert.equal(socket.state.name, "waiting");
  assert.equal(page.living, 0);
});

test("a person who tries now, a network that is back and a page that is seen again don't wait", () => {
  for (const act of [
    ({ socket }) => socket.connect(),
    ({ page }) => page.happen("online"),
    ({ page }) => page.show(true),
    ({ page }) => page.happen("pageshow", { persisted: false }),
  ]) {
    const one = connected();
    one.page.wire.closes(1006);
    act(one);
    act(one);
    assert.equal(one.socket.state.name, "connecting");
    assert.equal(one.page.wires.length, 2);
    one.clock.tick(600);
    assert.equal(one.page.wires.length, 2, "the wait that was set must not connect a second time");
  }
});

test("one who returns to a dead connection is reconnected after 3 s", () => {
  const { clock, page, socket } = connected();
  page.show(false);
  clock.tick(5000);
  page.show(true);
  clock.tick(2900);
  assert.equal(socket.state.name, "open");
  clock.tick(200);
  assert.equal(socket.state.name, "waiting");
});

test("idle: no reconnect while one looks at the dialog, but by hand or on return", () => {
  const { clock, page, socket } = connected();
  page.wire.closes(4000);
  clock.tick(3_600_000);
  page.happen("online");
  assert.equal(socket.state.name, "idle");
  assert.equal(page.wires.length, 1);
  socket.connect();
  page.wire.open();
  assert.equal(socket.state.name, "open");

  page.show(false);
  page.wire.closes(4000);
  page.happen("online");
  assert.equal(socket.state.name, "idle");
  page.show(true);
  assert.equal(socket.state.name, "connecting");
});

test("removed and ended are final", () => {
  for (const [code, name] of [[4001, "removed"], [4004, "ended"]]) {
    const { clock, page, socket } = connected();
    page.wire.closes(code);
    clock.tick(60_000);
    for (const type of ["online", "visibilitychange"]) page.happen(type);
    page.happen("pagehide", {});
    page.happen("pageshow", { persisted: true });
    socket.connect();
    assert.equal(socket.state.name, name);
    assert.equal(page.wires.length, 1);
  }
});

test("a session that is gone is learnt by asking, and only by an answer", async () => {
  let asked = 0;
  let session = () => Promise.reject(new Error("no network"));
  const { clock, page, socket } = connected({ hasSession: () => (asked++, session()) });
  const fail = async () => {
    clock.tick(socket.state.retryAt - clock.now());
    page.wire.closes(1006);
    await new Promise((done) => setImmediate(done));
  };
  page.wire.closes(1006);
  await fail();
  assert.equal(asked, 0, "one failure is a blip");
  await fail();
  assert.equal(asked, 1);
  assert.equal(socket.state.name, "waiting");
  session = () => Promise.resolve(true);
  await fail();
  assert.equal(socket.state.name, "waiting");
  session = () => Promise.resolve(false);
  await fail();
  assert.equal(socket.state.name, "ended");
  assert.equal(clock.waiting, 0);
});

test("the address says how far the log goes now, and frames that are none are passed over", () => {
  const { clock, page, frames } = connected();
  for (const text of ["{", "null", "7", '{"text":"no type"}', '"type"']) page.wire.says(text);
  page.wire.says({ type: "message" });
  assert.equal(frames.length, 1);
  page.wire.closes(1006);
  clock.tick(500);
  assert.equal(page.wire.url, "ws://host/ws?since=1");
});

test("nothing is sent where nothing is open", () => {
  const { page, socket } = connected();
  assert.equal(socket.send({ type: "active" }), true);
  page.wire.closes(1006);
  assert.equal(socket.send({ type: "active" }), false);
});
