import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, rank, wordAt } from "../../../static/js/model/complete.js";

const names = { trigger: "@", spaces: true };
const emoji = { trigger: ":", min: 2 };
const commands = { trigger: "/", atStart: true };
/** What is completed at the end of a text, or null. */
const at = (text, trigger) => wordAt(text, text.length, trigger)?.query ?? null;

test("completion: begins where a word does", () => {
  assert.equal(at("@", names), "");
  assert.equal(at("hi @bo", names), "bo");
  assert.equal(at("(@bo", names), "bo");
  assert.equal(at("你好@王小", names), "王小", "where words have no spaces between them");
  assert.equal(at("👍@bo", names), "bo");
  assert.equal(at("ada@example", names), null, "an address of mail");
  assert.equal(at("ж@bo", names), null);
  assert.equal(at("at 12:30", emoji), null);
  assert.equal(at("http://x", emoji), null);
  assert.equal(at("so :smi", emoji), "smi");
  assert.equal(at(":)", emoji), null, "too short to ask for anything");
  assert.equal(at(":smile:", emoji), null);
  assert.equal(at("/he", commands), "he");
  assert.equal(at("and /he", commands), null);
  assert.equal(at("/me waves", commands), null);
  assert.equal(at("", commands), null);
});

test("completion: names may have spaces, of which there are never two, and none at the beginning", () => {
  assert.equal(at("@Mary An", names), "Mary An");
  assert.equal(at("@ bo", names), null);
  assert.equal(at("@Mary  An", names), null);
  assert.equal(at("@Mary\nAn", names), null);
  assert.equal(at("@Mary, @Bo", names), "Bo", "the last sign counts");
  assert.equal(at(`@${"x".repeat(200)}`, names), null, "not without end");
});

test("completion: of what stands before the caret", () => {
  assert.deepEqual(wordAt("hi @bo there", 6, names), { start: 3, end: 6, query: "bo" });
  assert.equal(wordAt("hi @bo", 3, names), null);
  assert.equal(wordAt("/he", 0, commands), null);
});

test("completion: beginnings first, whatever the case, the marks and the script", () => {
  const all = ["Zoë", "Mary Ann", "anna", "王小明", "Ülle", "Joanna", "小王"];
  const find = (query) => rank(all, query, (name) => name);
  assert.deepEqual(find("an"), ["anna", "Mary Ann", "Joanna"]);
  assert.deepEqual(find("zoe"), ["Zoë"]);
  assert.deepEqual(find("Ül"), ["Ülle"]);
  assert.deepEqual(find("小"), ["小王", "王小明"]);
  assert.deepEqual(find("mary a"), ["Mary Ann"]);
  assert.deepEqual(find("nobody"), []);
  assert.equal(find("").length, all.length);
  assert.equal(rank(Array(20).fill("x"), "x", (name) => name, 5).length, 5);
  assert.equal(fold("ＡＤＡ"), "ada");
});
