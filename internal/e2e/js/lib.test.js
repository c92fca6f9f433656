import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import "./browser.js";
import { clean, countCharacters, graphemes, hue, initials, isFewEmoji } from "../../../static/js/lib/text.js";
import { clock, dayLabel, dayOf, untilTomorrow } from "../../../static/js/lib/time.js";
import { Words } from "../../../static/js/lib/words.js";
import { directRoom, makeId, parse, peerOf, socketUrl } from "../../../static/js/net/protocol.js";

const wordsOf = (lang) => new Words(JSON.parse(readFileSync(new URL(`../../../views/words/${lang}.json`, import.meta.url))), lang);

test("characters are counted as the server counts them", () => {
  for (const [text, n] of [["", 0], ["abc", 3], ["é", 1], ["e\u0301", 2], ["👍", 1], ["👨‍👩‍👧", 5], ["王小明", 3], ["\ud83d", 1], ["a\ud83d\ud83d\udc4d", 3]]) {
    assert.equal(countCharacters(text), n, JSON.stringify(text));
  }
});

test("what people see as one character is one, with Intl.Segmenter and without", async () => {
  const { Segmenter } = Intl;
  delete Intl.Segmenter;
  const without = await import("../../../static/js/lib/text.js?old");
  Intl.Segmenter = Segmenter;
  for (const [text, n] of [["", 0], ["Jörg", 4], ["e\u0301a", 2], ["👨‍👩‍👧!", 2], ["👍🏽👍", 2], ["🇩🇪🇨🇳", 2], ["王小明", 3], ["❤️x", 2]]) {
    assert.equal(graphemes(text).length, n, text);
    assert.equal(without.graphemes(text).length, n, `${text}, without`);
    assert.equal(without.graphemes(text).join(""), text);
  }
});

test("up to six emoji and nothing else, as the server takes them", () => {
  const { alone, not } = JSON.parse(readFileSync(new URL("emoji.json", import.meta.url), "utf8"));
  for (const text of alone) assert.ok(isFewEmoji(text), text);
  for (const text of not) assert.ok(!isFewEmoji(text), text);
});

test("initials", () => {
  for (const [name, want] of [
    ["Ada Lovelace", "AL"], ["ada", "AD"], ["Ö", "Ö"], ["jörg", "JÖ"], ["王小明", "王"], ["Guest 12", "G1"], ["😀 x", "😀X"],
    ["😀", "😀"], ["  Ada   King Lovelace ", "AK"], ["ωμέγα", "ΩΜ"], ["юля", "ЮЛ"], ["ßa", "ßA"], ["e\u0301lan", "E\u0301L"], ["", ""], ["عمر", "ع"], ["7up", "7"],
  ]) {
    assert.equal(initials(name), want, name);
  }
});

test("hue is FNV-1a of the id's bytes", () => {
  // Known values of the 32-bit hash: "" 811c9dc5, "a" e40c292c, "foobar" bf9cf968.
  for (const [id, hash] of [["", 0x811c9dc5], ["a", 0xe40c292c], ["foobar", 0xbf9cf968]]) assert.equal(hue(id), (hash % 8) + 1);
  const hues = Array.from({ length: 800 }, (_, i) => hue(`u_${i}`));
  for (let h = 1; h <= 8; h++) assert.ok(hues.filter((one) => one === h).length > 60);
});

test("text is cleaned as the server cleans it", () => {
  assert.equal(clean("a\r\nb\u0000\u001b[1m\tc\u0085\u007f \n\u00a0"), "a\nb[1m\tc");
  assert.equal(clean("  x"), "  x");
});

test("the clock and the calendar are the viewer's", () => {
  const time = "2026-11-21T23:30:00.000Z";
  assert.equal(clock(time, "en", "UTC"), "23:30");
  assert.equal(clock(time, "de", "Asia/Shanghai"), "07:30");
  assert.equal(clock("2026-11-21T00:05:00Z", "zh", "UTC"), "00:05");
  assert.equal(dayOf(time, "UTC"), "2026-11-21");
  assert.equal(dayOf(time, "Europe/Berlin"), "2026-11-22");
  assert.equal(dayOf(time, "America/Los_Angeles"), "2026-11-21");
  const local = new Date(2026, 0, 2, 3, 4);
  assert.equal(dayOf(local.getTime()), "2026-01-02");
});

test("the day that a divider names", () => {
  const en = wordsOf("en");
  assert.equal(dayLabel("2026-11-21", "2026-11-21", en), en.say("js.day.today"));
  assert.equal(dayLabel("2026-02-28", "2026-03-01", en), en.say("js.day.yesterday"));
  assert.match(dayLabel("2026-11-19", "2026-11-21", en), /^Thursday.*19/);
  assert.match(dayLabel("2025-12-31", "2026-01-02", en), /2025/);
  assert.match(dayLabel("2026-11-19", "2026-11-21", wordsOf("de")), /19\. November/);
});

test("a day ends when the viewer's does, also when the clocks change", () => {
  const hours = (time, zone) => untilTomorrow(Date.parse(time), zone) / 3_600_000;
  const near = (a, b) => assert.ok(Math.abs(a - b) < 0.001, `${a}, not ${b}`);
  near(hours("2026-11-21T20:00:00Z", "UTC"), 4);
  near(hours("2026-11-21T20:00:00Z", "Asia/Shanghai"), 20);
  near(hours("2026-10-24T22:00:00Z", "Europe/Berlin"), 25);
  near(hours("2026-03-28T23:00:00Z", "Europe/Berlin"), 23);
});

test("words are filled in and counted", () => {
  const words = new Words({ "js.hi": "Hi {name}, {n}!", "js.x.one": "{n} thing", "js.x.other": "{n} things" }, "en");
  assert.equal(words.say("js.hi", { name: "$& {n}" }), "Hi $& {n}, {n}!");
  assert.equal(words.count("js.x", 1), "1 thing");
  assert.equal(words.count("js.x", 0), "0 things");
  assert.equal(words.say("js.none"), "js.none");
  assert.equal(new Words({ "js.x.other": "{n} 个" }, "zh").count("js.x", 1), "1 个");
  const german = new Words({ "refused.locked": "Falsch." }, "de");
  assert.equal(german.refusal({ code: "locked", message: "Wrong." }), "Falsch.");
  assert.equal(german.refusal({ code: "bad_request", message: "Say a day." }), "Say a day.", "what has no sentence of its own is said as the server says it");
});

test("every language says everything, with the same holes", () => {
  const load = (lang) => JSON.parse(readFileSync(new URL(`../../../views/words/${lang}.json`, import.meta.url)));
  const english = load("en");
  const holes = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();
  for (const lang of ["de", "zh"]) {
    const words = load(lang);
    assert.deepEqual(Object.keys(words).sort(), Object.keys(english).sort(), lang);
    for (const [key, text] of Object.entries(words)) {
      if (!key.endsWith(".one")) assert.equal(holes(text), holes(english[key]), `${lang}: ${key}`);
    }
  }
});

test("ids are new each time and fit", () => {
  const ids = Array.from({ length: 1000 }, makeId);
  assert.equal(new Set(ids).size, 1000);
  for (const id of ids) assert.match(id, /^[\w-]{20}$/);
});

test("addresses and private rooms", () => {
  assert.equal(socketUrl({ protocol: "http:", host: "192.168.1.5:3000" }, "@u_a.u_b", 0), "ws://192.168.1.5:3000/ws?dialect=json&room=%40u_a.u_b&since=0");
  assert.equal(socketUrl({ protocol: "https:", host: "x" }, "lobby", -1), "wss://x/ws?dialect=json&room=lobby");
  assert.equal(directRoom("u_b", "u_a"), "@u_a.u_b");
  assert.equal(peerOf("@u_a.u_b", "u_b"), "u_a");
  assert.equal(peerOf("lobby", "u_b"), "");
  assert.equal(parse(new Uint8Array(3)), null);
});
