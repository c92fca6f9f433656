import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, Storage } from "./browser.js";
import { Absent } from "../../../static/js/model/absent.js";
import { Drafts } from "../../../static/js/model/draft.js";
import { People } from "../../../static/js/model/people.js";
import { Typing } from "../../../static/js/model/typing.js";
import { Unread } from "../../../static/js/model/unread.js";
import { Activity } from "../../../static/js/net/activity.js";

const ada = { user: "u_ada", name: "Ada" };
const person = (user, name) => ({ user, name });
const presence = (event, user, name, room = "lobby") => ({ type: "presence", room, event, user, name, time: "" });
const message = (seq, user = "u_bob", room = "lobby") => ({ type: "message", room, seq, user, name: "Bob", text: "x", html: "", time: "" });

/** A connection of which the test sees what it is given. */
function line() {
  const sent = [];
  const send = Object.assign((command) => send.up && sent.push(command) > 0, { up: true });
  return { sent, send };
}

test("people: oneself first, then by name as people sort, each once", () => {
  const people = new People("lobby", ada);
  const members = [person("u_z", "zoe"), person("u_o", "Östen"), person("u_ada", "Ada"), person("u_a", "Ana 10"), person("u_b", "Ana 9")];
  people.receive({ type: "joined", room: "lobby", members });
  people.receive({ type: "joined", room: "dev", members: [] });
  const names = () => people.list.map((one) => one.name);
  assert.deepEqual(names(), ["Ada", "Ana 9", "Ana 10", "Östen", "zoe"]);
  people.receive(presence("join", "u_z", "zoe"));
  people.receive(presence("leave", "u_a", "Ana 10"));
  people.receive(presence("rename", "u_b", "Zora"));
  people.receive(presence("rename", "u_gone", "Nobody"));
  people.receive(presence("rename", "u_z", "zoë", "dev"));
  people.receive(presence("join", "u_x", "Xi", "dev"));
  assert.deepEqual(names(), ["Ada", "Östen", "zoë", "Zora"], "a new name is one everywhere");
});

test("people: whoever was there before a reconnect comes back without it being news, for a while", () => {
  const clock = new Clock();
  const people = new People("lobby", ada, clock);
  const joined = (...members) => people.receive({ type: "joined", room: "lobby", members });
  const comes = (user) => {
    const frame = presence("join", user, user);
    const back = people.isBack(frame);
    people.receive(frame);
    return back;
  };
  joined(ada, person("u_b", "Bob"), person("u_c", "Cy"));
  assert.equal(comes("u_new"), false);
  joined(ada, person("u_c", "Cy")); // the connection was gone
  assert.equal(comes("u_b"), true);
  people.receive(presence("leave", "u_b", "Bob"));
  assert.equal(comes("u_b"), false, "only once");
  assert.equal(people.isBack(presence("leave", "u_c", "Cy")), false);
  clock.tick(30_000);
  assert.equal(comes("u_new"), false, "too late");
});

test("people: of a crowd some and how many there are, until everybody is told of again", () => {
  const people = new People("lobby", ada);
  people.receive({ type: "joined", room: "lobby", members: [person("u_b", "Bob"), person("u_c", "Cy")], count: 20000 });
  assert.deepEqual(people.list.map((one) => one.name), ["Ada", "Bob", "Cy"], "oneself too, whoever is listed");
  assert.equal(people.count, 20000);
  people.receive({ type: "crowd", room: "lobby", count: 19000 });
  assert.equal(people.count, 19000);
  people.receive({ type: "crowd", room: "lobby", count: 2, members: [ada, person("u_d", "Di")] });
  people.receive(presence("join", "u_e", "Eve"));
  assert.deepEqual(people.list.map((one) => one.name), ["Ada", "Di", "Eve"]);
  assert.equal(people.count, 3);
  people.receive({ type: "crowd", room: "lobby", count: 501 });
  assert.equal(people.count, 501);
});

test("people: who isn't listed in a crowd is counted, and listed as soon as they speak", () => {
  const people = new People("lobby", ada);
  let changes = 0;
  people.onChange = () => changes++;
  people.receive({ type: "joined", room: "lobby", members: [ada, person("u_c", "Cy")] });
  people.receive(message(1));
  assert.deepEqual([people.list.length, people.unlisted, changes], [2, 0, 1], "elsewhere all are listed, and who has gone stays away");
  people.receive({ type: "joined", room: "lobby", members: [person("u_c", "Cy")], count: 602 });
  assert.equal(people.unlisted, 600);
  for (let seq = 2; seq < 5; seq++) people.receive(message(seq));
  people.receive(message(1, "u_eve", "dev"));
  assert.deepEqual(people.list.map((one) => one.name), ["Ada", "Bob", "Cy"]);
  assert.deepEqual([people.count, people.unlisted, changes], [602, 599, 3]);
  people.receive({ type: "crowd", room: "lobby", count: 2 });
  assert.equal(people.unlisted, 0, "who has just gone is listed still");
});

test("typing is shown for 5 s after the last word of it, and ended by the message", () => {
  const clock = new Clock();
  const { send } = line();
  const typing = new Typing("lobby", ada, send, clock);
  let changes = 0;
  typing.onChange = () => changes++;
  const types = (user, name) => typing.receive({ type: "typing", room: "lobby", user, name });
  types("u_bob", "Bob");
  types("u_ada", "Ada");
  clock.tick(3000);
  types("u_eve", "Eve");
  types("u_bob", "Bob");
  assert.deepEqual(typing.names, ["Bob", "Eve"]);
  clock.tick(4999);
  assert.deepEqual(typing.names, ["Bob", "Eve"]);
  typing.receive(message(1, "u_bob"));
  assert.deepEqual(typing.names, ["Eve"]);
  clock.tick(1);
  assert.deepEqual(typing.names, []);
  assert.equal(changes, 4);
  types("u_eve", "Eve");
  typing.clear();
  assert.deepEqual([typing.names, clock.waiting], [[], 0]);
});

test("one says that one types every 3 s at most, and anew after sending", () => {
  const clock = new Clock();
  const { sent, send } = line();
  const typing = new Typing("lobby", ada, send, clock);
  for (let i = 0; i < 60; i++) {
    typing.write();
    clock.tick(100);
  }
  assert.equal(sent.length, 2);
  typing.sent();
  typing.write();
  assert.equal(sent.length, 3);
});

test("a draft belongs to its room and its user, and survives a reload", () => {
  const storage = new Storage();
  const drafts = new Drafts(storage, "u_ada");
  drafts.set("lobby", "half a");
  drafts.set("dev", "other");
  drafts.set("dev", "");
  const later = new Drafts(storage, "u_ada");
  assert.deepEqual([later.get("lobby"), later.get("dev")], ["half a", ""]);
  assert.equal(new Drafts(storage, "u_bob").get("lobby"), "");
  assert.equal(storage.length, 1);
  for (const none of [null, new Storage(0)]) {
    const drafts = new Drafts(none, "u_ada");
    drafts.set("lobby", "half a");
    assert.equal(drafts.get("lobby"), "half a");
  }
});

test("drafts: what one has begun to answer or to edit is kept beside them, and nothing else is taken for it", () => {
  const storage = new Storage();
  const drafts = new Drafts(storage, "u_ada");
  const reply = { kind: "reply", message: { seq: 7, user: "u_bob", name: "Bob", text: "x" }, text: "" };
  const edit = { ...reply, kind: "edit", text: "half an edit" };
  drafts.set("lobby", "half a");
  drafts.begin("lobby", edit);
  drafts.begin("dev", reply);
  drafts.begin("other", reply);
  drafts.begin("other", null);
  const later = new Drafts(storage, "u_ada");
  assert.deepEqual([later.begun("lobby"), later.begun("dev"), later.begun("other")], [edit, reply, null]);
  assert.equal(later.get("lobby"), "half a");
  assert.equal(new Drafts(storage, "u_bob").begun("lobby"), null);
  for (const wrong of ["", "x", "null", '{"kind":"reply"}', '{"kind":"drop","message":{"seq":1},"text":""}', '{"kind":"edit","message":{"seq":1}}']) {
    storage.setItem("parley.begun.u_ada.wrong", wrong);
    assert.equal(new Drafts(storage, "u_ada").begun("wrong"), null, wrong);
  }
});

test("absent: as each is told, and as a crowd is told of several", () => {
  const absent = new Absent();
  absent.receive({ ...presence("away", "u_bob", "Bob"), text: "tea" });
  assert.equal(absent.of("u_bob")?.text, "tea");
  absent.receive({ type: "crowd", room: "lobby", count: 600, away: [{ user: "u_cyd", text: "lunch", since: "" }], back: ["u_bob"] });
  assert.deepEqual([absent.of("u_bob"), absent.of("u_cyd")?.text], [undefined, "lunch"]);
  absent.receive({ type: "crowd", room: "lobby", count: 600 });
  assert.ok(absent.of("u_cyd"));
  absent.receive({ type: "crowd", room: "lobby", count: 2, members: [person("u_bob", "Bob"), person("u_cyd", "Cyd")], away: [{ user: "u_bob", since: "" }] });
  assert.deepEqual([absent.of("u_bob")?.text, absent.of("u_cyd")], ["", undefined]);
});

function unreadOf(rooms) {
  const clock = new Clock();
  const { sent, send } = line();
  const unread = new Unread(ada, send, clock);
  unread.receive({ type: "welcome", user: "u_ada", name: "Ada", rooms, time: "" });
  return { unread, sent, send, clock };
}

const lobby = { room: "lobby", last: 57, read: 50, unread: 3, joined: true, members: 4 };
const direct = { room: "@u_ada.u_bob", peer: person("u_bob", "Bob"), last: 9, read: 9, unread: 0 };
const dev = { room: "dev", last: 80, read: 0, unread: 0, joined: false, members: 2 };

test("unread: what the server counted and what came since, once each, never one's own", () => {
  const { unread } = unreadOf([direct, dev, lobby]);
  assert.deepEqual(unread.rooms.map((room) => room.room), ["lobby", "dev", "@u_ada.u_bob"]);
  assert.equal(unread.total, 3, "a room that one isn't in has nothing unread");
  for (const seq of [57, 58, 59, 59]) unread.receive(message(seq));
  unread.receive(message(60, "u_ada"));
  unread.receive(message(10, "u_bob", "@u_ada.u_bob"));
  assert.deepEqual(unread.rooms.map((room) => room.unread), [5, 0, 1]);
  unread.receive({ type: "joined", room: "lobby", last: 63, members: [ada], messages: [message(59), message(61), message(63)], changes: [] });
  assert.equal(unread.find("lobby").unread, 7);
  assert.equal(unread.find("lobby").members, 1);
  unread.receive({ type: "crowd", room: "lobby", count: 501 });
  assert.equal(unread.find("lobby").members, 501);
  unread.receive({ type: "joined", room: "lobby", last: 63, members: [ada], count: 502, messages: [], changes: [] });
  assert.equal(unread.find("lobby").members, 502);
  for (let seq = 64; seq < 264; seq++) unread.receive(message(seq));
  assert.equal(unread.find("lobby").unread, 100);
});

test("unread: of what is unread, what means oneself is counted, by name or as one of all who are there", () => {
  const unread = new Unread(ada, line().send, new Clock());
  unread.receive({ type: "rooms", rooms: [{ ...lobby, mentions: 2 }, direct] });
  unread.receive({ ...message(58), mentions: ["u_bob", "u_ada"] });
  unread.receive({ ...message(59), here: true });
  unread.receive({ ...message(60), mentions: ["u_bob"] });
  unread.receive({ ...message(61, "u_ada"), here: true });
  assert.equal(unread.find("lobby")?.mentions, 4);
  assert.equal(unread.mentions, 4);
  unread.read("lobby", 58);
  assert.equal(unread.find("lobby")?.mentions, 1);
  unread.receive({ type: "read", room: "lobby", seq: 60 });
  assert.equal(unread.mentions, 0);
});

test("unread: what somebody says whom one ignores is not, wherever it comes from", () => {
  const { unread } = unreadOf([lobby]);
  unread.ignored = new Map([["u_bob", "Bob"]]);
  unread.receive({ ...message(58), here: true });
  unread.receive(message(59, "u_cyd"));
  unread.receive({ type: "joined", room: "lobby", last: 61, members: [ada], messages: [message(60), message(61, "u_cyd")], changes: [] });
  assert.deepEqual([unread.total, unread.mentions, unread.find("lobby").last], [5, 0, 61]);
});

test("unread: reading here or in another tab takes away what is read", () => {
  const { unread, sent } = unreadOf([lobby]);
  for (const seq of [58, 59, 60]) unread.receive(message(seq));
  unread.receive({ type: "read", room: "lobby", seq: 58 });
  assert.equal(unread.total, 2);
  unread.receive({ type: "read", room: "lobby", seq: 51 });
  assert.equal(unread.total, 2);
  unread.read("lobby", 60);
  assert.equal(unread.total, 0);
  assert.deepEqual(sent, [{ type: "read", room: "lobby", seq: 60 }]);
  unread.receive(message(60));
  assert.equal(unread.total, 0);
});

test("unread: the server hears at most once a second how far one has read, and hears the last of it", () => {
  const { unread, sent, clock } = unreadOf([lobby]);
  for (let seq = 58; seq <= 157; seq++) {
    unread.receive(message(seq));
    unread.read("lobby", seq);
    clock.tick(100);
  }
  clock.tick(1000);
  assert.ok(sent.length <= 11, String(sent.length));
  assert.equal(sent.at(-1).seq, 157);
});

test("a clock that is set back keeps nothing from being told", () => {
  const { unread, sent, send, clock } = unreadOf([lobby]);
  const typing = new Typing("lobby", ada, send, clock);
  const activity = new Activity(send, clock);
  activity.receive({ type: "welcome", idle_seconds: 300 });
  const act = (/** @type {number} */ seq) => {
    unread.read("lobby", seq);
    typing.write();
    activity.act();
    clock.tick(1000);
  };
  act(56);
  clock.setBack(3_600_000);
  act(57);
  assert.deepEqual(sent.map(({ type }) => type).sort(), ["active", "active", "read", "read", "typing", "typing"]);
});

test("unread: what was read without a connection is told after it is back", () => {
  const { unread, sent, send, clock } = unreadOf([lobby]);
  send.up = false;
  unread.read("lobby", 57);
  send.up = true;
  unread.receive({ type: "welcome", user: "u_ada", name: "Ada", rooms: [{ ...lobby, last: 58, unread: 4 }], time: "" });
  clock.tick(1000);
  assert.deepEqual(sent, [{ type: "read", room: "lobby", seq: 57 }]);
  assert.equal(unread.total, 1);
});

test("unread: a first private message begins a room with its peer's name; a room just joined is not news", () => {
  const { unread } = unreadOf([lobby]);
  unread.receive({ ...message(1, "u_eve", "@u_ada.u_eve"), name: "Eve" });
  assert.deepEqual(unread.find("@u_ada.u_eve").peer, person("u_eve", "Eve"));
  assert.equal(unread.find("@u_ada.u_eve").unread, 1);
  unread.receive({ ...presence("rename", "u_eve", "Eva"), was: "Eve" });
  assert.equal(unread.find("@u_ada.u_eve").peer.name, "Eva");
  unread.receive({ type: "joined", room: "new", last: 40, members: [ada], messages: [message(40, "u_bob", "new")], changes: [] });
  assert.equal(unread.find("new").unread, 0);
  unread.receive({ type: "left", room: "lobby" });
  assert.equal(unread.find("lobby").unread, 0);
  assert.equal(unread.find("lobby").joined, false);
});

test("unread: a database that began anew doesn't keep what was read in the old one", () => {
  const { unread } = unreadOf([lobby]);
  unread.read("lobby", 57);
  unread.receive({ type: "welcome", user: "u_ada", name: "Ada", rooms: [{ ...lobby, last: 2, read: 0, unread: 2 }], time: "" });
  assert.equal(unread.total, 2);
});

test("the person's acts are told now and then, and at once where the server has warned", () => {
  const clock = new Clock();
  const { sent, send } = line();
  const activity = new Activity(send, clock);
  activity.receive({ type: "welcome", idle_seconds: 300 });
  for (let i = 0; i < 600; i++) {
    activity.act();
    clock.tick(100);
  }
  assert.equal(sent.length, 2);
  activity.act();
  activity.receive({ type: "idle_warning", seconds: 30 });
  assert.equal(activity.act(), true);
  assert.equal(activity.act(), false);
  assert.equal(sent.length, 4);
});
