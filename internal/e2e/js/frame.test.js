// How often the page is drawn.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Frame } from "../../../static/js/ui/frame.js";
import { Clock } from "./browser.js";

let clock = new Clock();
/** @type {(() => void)[]} */
let frames = [];
/** @type {string[]} */
let drawn = [];

beforeEach(() => {
  globalThis.requestAnimationFrame = (act) => frames.push(/** @type {any} */ (act));
  clock = new Clock();
  frames = [];
  drawn = [];
});

/** The browser draws. */
function draw() {
  drawn = [];
  for (const frame of frames.splice(0)) frame();
  return drawn;
}

const named = (/** @type {string[]} */ ...parts) => Object.fromEntries(parts.map((part) => [part, () => void drawn.push(part)]));

test("a part is drawn once per frame however often it is asked for, in the order of the parts", () => {
  const frame = new Frame(named("log", "rooms"), clock);
  for (const part of ["rooms", "log", "rooms", "log"]) frame.ask(part);
  assert.equal(frames.length, 1);
  assert.deepEqual(draw(), ["log", "rooms"]);
  assert.equal(frames.length, 0);
});

test("what a part finds out is drawn in the same frame by a later one, and by itself in the next", () => {
  let left = 2;
  /** @type {Frame} */
  const frame = new Frame({
    ...named("log", "rooms"),
    log: () => {
      drawn.push("log");
      if (left-- > 0) frame.ask("log");
      frame.askCalmly("rooms");
    },
  }, clock);
  frame.ask("log");
  assert.deepEqual([draw(), draw(), draw(), draw()], [["log", "rooms"], ["log", "rooms"], ["log", "rooms"], []]);
});

test("what others do is drawn at once after a quiet while, and ten times a second at most", () => {
  const frame = new Frame(named("log"), clock);
  clock.tick(1000);
  frame.askCalmly("log");
  assert.deepEqual(draw(), ["log"]);
  let times = 0;
  for (let ms = 0; ms < 1000; ms += 20) {
    frame.askCalmly("log");
    clock.tick(20);
    times += draw().length;
  }
  assert.equal(times, 10);
});

test("what one does oneself is drawn in the next frame, and what others did with it", () => {
  const frame = new Frame(named("log", "people"), clock);
  frame.ask("log");
  draw();
  frame.askCalmly("people");
  assert.equal(frames.length, 0);
  frame.ask("log");
  assert.deepEqual(draw(), ["log", "people"]);
  clock.tick(1000);
  assert.equal(frames.length, 0, "the frame that was to come has nothing to draw");
});

test("a clock that is set back stops no drawing, and neither does a part that fails", () => {
  const frame = new Frame({ ...named("log", "rooms"), people: () => { throw new Error("a fault"); } }, clock);
  frame.ask("log");
  draw();
  clock.setBack(3_600_000);
  frame.askCalmly("log");
  clock.tick(100);
  assert.deepEqual(draw(), ["log"]);
  frame.ask("people");
  assert.throws(draw, /a fault/);
  frame.ask("rooms");
  assert.deepEqual(draw(), ["rooms"]);
});
