import assert from "node:assert/strict";
import { test } from "node:test";
import { Way } from "../../../static/js/ui/way.js";

/** A room of which the test answers what is asked. */
function room() {
  return { loaded: true, log: { around: (seq, isAlone = false) => ({ seq, isAlone }), askAgain: () => {} } };
}

test("who goes to a message is told once where it takes long, and not where it comes or is given up", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const lobby = room();
  const way = new Way(
    () => {},
    (seq, isThere) => told.push(`${seq} ${isThere}`),
    () => told.push("far"),
  );
  way.go(lobby, 5);
  t.mock.timers.tick(500);
  way.came(lobby, 5, true);
  t.mock.timers.tick(5000);
  assert.deepEqual(told.splice(0), ["5 true"]);

  way.go(lobby, 6);
  t.mock.timers.tick(500);
  way.goOn(lobby); // the connection came back: it goes on for as long already
  t.mock.timers.tick(500);
  assert.deepEqual(told.splice(0), ["far"]);
  way.came(lobby, 6, false);
  assert.deepEqual(told.splice(0), [], "it is asked for once more, alone");
  way.came(lobby, 6, false);
  t.mock.timers.tick(5000);
  assert.deepEqual(told.splice(0), ["6 false"]);

  way.go(lobby, 7);
  way.leave();
  t.mock.timers.tick(5000);
  assert.deepEqual(told, []);
});
