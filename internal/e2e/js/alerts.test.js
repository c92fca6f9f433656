import assert from "node:assert/strict";
import { test } from "node:test";
import { Storage } from "./browser.js";
import { Alerts } from "../../../static/js/model/alerts.js";

const message = (more = {}) => ({ type: "message", room: "lobby", seq: 1, user: "u_bob", name: "Bob", text: "x", html: "", time: "", ...more });
const me = { user: "u_ada", muted: false, seen: false };

test("alerts: of everything at first, never of one's own or of what one looks at", () => {
  const alerts = new Alerts(new Storage());
  assert.equal(alerts.tells(message(), me), true);
  assert.equal(alerts.tells(message({ user: "u_ada" }), me), false);
  assert.equal(alerts.tells(message(), { ...me, seen: true }), false);
});

test("alerts: of what means one, where that is all one wants in a room", () => {
  const alerts = new Alerts(new Storage());
  alerts.choose("lobby", "mentions");
  assert.equal(alerts.level("lobby", false), "mentions");
  assert.equal(alerts.tells(message(), me), false);
  assert.equal(alerts.tells(message({ mentions: ["u_cat"] }), me), false);
  assert.equal(alerts.tells(message({ mentions: ["u_cat", "u_ada"] }), me), true);
  assert.equal(alerts.tells(message({ here: true }), me), true);
  assert.equal(alerts.tells(message({ room: "garden" }), me), true, "other rooms are as they were");
  const direct = "@u_ada.u_bob";
  alerts.choose(direct, "mentions");
  assert.equal(alerts.tells(message({ room: direct }), me), true, "what is written to one alone means one");
  alerts.choose("lobby", "all");
  assert.equal(alerts.tells(message(), me), true);
});

test("alerts: of nothing in a muted room, whatever was chosen here", () => {
  const alerts = new Alerts(new Storage());
  for (const level of ["all", "mentions"]) {
    alerts.choose("lobby", level);
    assert.equal(alerts.level("lobby", true), "nothing");
    assert.equal(alerts.tells(message({ mentions: ["u_ada"], here: true }), { ...me, muted: true }), false);
  }
});

test("alerts: all tabs agree, and a device that keeps nothing or something else goes on", () => {
  const storage = new Storage();
  const [one, other] = [new Alerts(storage), new Alerts(storage)];
  assert.equal(one.isOn("sound"), false, "a page is silent until one asks for it");
  one.turn("sound", true);
  one.choose("lobby", "mentions");
  assert.deepEqual([other.isOn("sound"), other.isOn("notifications"), other.level("lobby", false)], [true, false, "mentions"]);
  other.turn("sound", false);
  assert.equal(one.isOn("sound"), false);
  for (const junk of ["", "null", "7", "[", '{"lobby":"nothing"}']) {
    storage.setItem("parley:levels", junk);
    assert.equal(one.level("lobby", false), "all", junk);
  }
  const none = new Alerts(null);
  none.turn("sound", true);
  none.choose("lobby", "mentions");
  assert.deepEqual([none.isOn("sound"), none.level("lobby", false)], [false, "all"]);
});
