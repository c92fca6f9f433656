import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, Storage } from "./browser.js";
import { Outbox } from "../../../static/js/net/outbox.js";
import { Uploads } from "../../../static/js/net/uploads.js";

const photo = (name = "a.png", size = 1000) => ({ name, type: "image/png", size });
const storedAs = (id, name = "a.png") => ({ id, name, type: "image/png", size: 1000, url: `/files/${id}/${name}` });
const created = (id, name) => ({ status: 201, body: storedAs(id, name) });
const refusal = (status, code, limit) => ({ status, body: { error: { code, message: "No.", limit } } });

/** Uploads whose network is the test: `lines` are the transfers that were begun. */
function desk(options = {}) {
  const lines = [];
  const clock = new Clock();
  const transfer = (what, hears) => {
    const line = { ...what, ...hears, ended: false };
    lines.push(line);
    return () => (line.ended = true);
  };
  const seen = [];
  const uploads = new Uploads({ transfer, clock, ...options });
  uploads.onChange = ({ name, state, sent }) => seen.push(`${name} ${state} ${sent}`);
  return { uploads, lines, clock, seen };
}

test("uploads: two at a time, in their order, each with its progress", () => {
  const { uploads, lines, seen } = desk();
  const keys = ["a", "b", "c"].map((name) => uploads.add("lobby", photo(name)).key);
  assert.deepEqual(lines.map((line) => `${line.room} ${line.name}`), ["lobby a", "lobby b"]);
  assert.equal(uploads.get(keys[2]).state, "waiting");
  lines[0].progress(400);
  assert.equal(seen.at(-1), "a sending 400");
  lines[0].progress(1200); // what the request has beside the file
  assert.equal(uploads.get(keys[0]).sent, 1000);
  lines[0].done(created("F1", "a"));
  assert.equal(uploads.get(keys[0]).file.id, "F1");
  assert.deepEqual(lines.map((line) => line.name), ["a", "b", "c"]);
});

test("uploads: one that is cancelled ends at once, and what it still says is not heard", () => {
  const { uploads, lines } = desk();
  const [a, , c] = ["a", "b", "c"].map((name) => uploads.add("lobby", photo(name)));
  uploads.drop(a.key);
  assert.equal(lines[0].ended, true);
  assert.equal(lines[2].name, "c", "the next takes its place");
  lines[0].progress(500);
  lines[0].done(created("F1"));
  assert.equal(uploads.get(a.key), undefined);
  uploads.drop(c.key);
  assert.deepEqual(uploads.all.map((upload) => upload.name), ["b"]);
});

test("uploads: too large and empty files are refused before a byte is sent", () => {
  const { uploads, lines } = desk({ limit: () => 1000 });
  assert.deepEqual(
    [photo("fits", 1000), photo("large", 1001), photo("none", 0)].map((file) => uploads.add("lobby", file)).map((u) => [u.state, u.code]),
    [["sending", undefined], ["refused", "too_large"], ["refused", "empty"]],
  );
  assert.equal(lines.length, 1);
});

test("uploads: what fails says why and can be tried again; what is refused can't", () => {
  const { uploads, lines } = desk();
  const { key } = uploads.add("lobby", photo());
  lines[0].progress(900);
  lines[0].done({ status: 0, body: null });
  assert.deepEqual([uploads.get(key).state, uploads.get(key).code, uploads.get(key).sent], ["failed", "network", 0]);
  uploads.retry(key);
  uploads.retry(key);
  assert.equal(lines.length, 2);
  lines[1].done(refusal(507, "full", "upload.user_bytes"));
  assert.equal(uploads.get(key).limit, "upload.user_bytes");
  assert.deepEqual([uploads.get(key).state, uploads.get(key).code, uploads.get(key).reason], ["failed", "full", "No."]);
  uploads.resume();
  assert.equal(lines.length, 2, "the network was not what was wrong");
  uploads.retry(key);
  lines[2].done(refusal(422, "bad_image"));
  assert.equal(uploads.get(key).state, "refused");
  uploads.retry(key);
  assert.equal(lines.length, 3);
  lines[2].done(created("F1"));
  assert.equal(uploads.get(key).state, "refused", "one answer is one answer");
});

test("uploads: a network that says nothing is given up, and tried again when there is one", () => {
  const { uploads, lines, clock } = desk();
  const { key } = uploads.add("lobby", photo());
  clock.tick(59_000);
  lines[0].progress(1);
  clock.tick(59_000);
  assert.equal(uploads.get(key).state, "sending");
  clock.tick(1000);
  assert.deepEqual([uploads.get(key).code, lines[0].ended], ["network", true]);
  uploads.resume();
  lines[1].done(created("F1"));
  assert.equal(uploads.get(key).state, "stored");
  assert.equal(clock.waiting, 0);
});

// The outbox, where messages wait for their files.

const part = (key, name = "a.png") => ({ key, ...photo(name) });

function tab(storage, { clock = new Clock(), name = "t1" } = {}) {
  const sent = [];
  const send = (command) => sent.push(command) > 0;
  const outbox = new Outbox({ storage, user: "u_ada", send, clock, tab: name, random: () => 1 });
  outbox.resume();
  return { outbox, sent, clock };
}

const whole = ({ text, state, code, files }) => [text, state, code ?? "", (files ?? []).map((file) => file.id ?? "-").join()].join("|");
const ack = (id) => ({ type: "ack", id, room: "lobby", seq: 1, time: "" });

test("a message goes out when its files are there; others go before it, and its ids survive a reload", () => {
  const storage = new Storage();
  const { outbox, sent, clock } = tab(storage);
  const photos = outbox.add({ room: "lobby", text: "two photos", files: [part("k1"), part("k2")] });
  const words = outbox.add({ room: "lobby", text: "meanwhile" });
  assert.deepEqual(sent.map((command) => command.id), [words.id]);
  outbox.receive(ack(words.id));
  outbox.uploaded("k2", storedAs("F2"));
  assert.equal(sent.length, 1);
  outbox.uploaded("k1", storedAs("F1"));
  outbox.uploaded("k1", storedAs("F9"));
  assert.deepEqual(sent[1], { type: "send", id: photos.id, room: "lobby", to: undefined, text: "two photos", reply_to: undefined, files: ["F1", "F2"] });
  const later = tab(storage, { clock });
  assert.deepEqual(later.sent.map(({ id, files }) => [id, files]), [[photos.id, ["F1", "F2"]]]);
});

test("files without a word are a message; no word and no file is none", () => {
  const { outbox, sent } = tab(new Storage());
  assert.equal(outbox.add({ room: "lobby", text: " ", files: [] }), null);
  outbox.add({ room: "lobby", text: "", files: [{ ...part("k1"), id: "F1" }] });
  assert.deepEqual([sent[0].text, sent[0].files], ["", ["F1"]]);
});

test("a file that fails holds its message back, with the reason; taken out of it, the rest goes", () => {
  const { outbox, sent } = tab(new Storage());
  const { id } = outbox.add({ room: "lobby", text: "both", files: [part("k1"), part("k2")] });
  outbox.uploaded("k1", storedAs("F1"));
  outbox.notUploaded("k2", "network", "Cut.");
  assert.equal(whole(outbox.entries[0]), "both|failed|network|F1,-");
  assert.equal(outbox.entries[0].reason, "Cut.");
  outbox.retry(id);
  assert.equal(whole(outbox.entries[0]), "both|waiting||F1,-");
  assert.equal(sent.length, 0);
  outbox.notUploaded("k2", "network", "Cut.");
  outbox.detach("k2");
  assert.deepEqual(sent.map((command) => command.files), [["F1"]]);
  outbox.receive(ack(id));
  outbox.add({ room: "lobby", text: "", files: [part("k3")] });
  outbox.detach("k3");
  assert.equal(outbox.entries.length, 0, "nothing was left of it");
});

test("a reload while a file is sent: the message says so, and its words and the other files can be sent", () => {
  const storage = new Storage();
  const first = tab(storage);
  const { id } = first.outbox.add({ room: "lobby", text: "look", files: [part("k1", "lost.png"), part("k2", "kept.png")] });
  first.outbox.uploaded("k2", storedAs("F2", "kept.png"));
  const { outbox, sent } = tab(storage, { clock: first.clock });
  assert.equal(whole(outbox.entries[0]), "look|failed|lost|-,F2");
  outbox.retry(id);
  assert.deepEqual(sent.map(({ text, files }) => [text, files]), [["look", ["F2"]]]);
  outbox.receive(ack(id));

  first.outbox.receive(ack(id));
  first.outbox.add({ room: "lobby", text: "", files: [part("k3")] });
  const bare = tab(storage, { clock: first.clock });
  bare.outbox.retry(bare.outbox.entries[0].id);
  assert.equal(whole(bare.outbox.entries[0]), "|failed|lost|-", "there is nothing to send");
});

test("what another tab uploads is its own as long as that one is there", () => {
  const storage = new Storage();
  const clock = new Clock();
  const first = tab(storage, { clock, name: "t1" });
  const other = tab(storage, { clock, name: "t2" });
  const entry = first.outbox.add({ room: "lobby", text: "big", files: [part("k1")] });
  other.outbox.storageChanged({ key: `parley.outbox.u_ada.${entry.id}`, newValue: "…" });
  const third = tab(storage, { clock, name: "t3" });
  clock.tick(300_000);
  assert.deepEqual([other.outbox.entries.length, third.outbox.entries.length], [0, 0]);
  first.outbox.uploaded("k1", storedAs("F1"));
  assert.deepEqual([first.sent.length, other.sent.length], [1, 0]);
  first.outbox.receive(ack(entry.id));

  // A tab that crashes says nothing any more: its clock stands still.
  const dead = tab(storage, { clock: Object.assign(new Clock(), { now: clock.now }), name: "t4" });
  dead.outbox.add({ room: "lobby", text: "gone", files: [part("k2")] });
  const heir = tab(storage, { clock, name: "t5" });
  assert.equal(heir.outbox.entries.length, 0);
  clock.tick(31_000);
  assert.deepEqual(heir.outbox.entries.map(whole), ["gone|failed|lost|-"]);
});
