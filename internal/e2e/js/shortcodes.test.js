import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Shortcodes, hasShortcode } from "../../../static/js/model/shortcodes.js";

const vendored = new URL("../../../static/vendor/emoji-picker-element-data-1.8.0/en/emojibase/data.json", import.meta.url);
const names = new Shortcodes(JSON.parse(readFileSync(vendored, "utf8")));

test("names of emoji that stand whole in a text become emoji, but not in code, in times or in addresses", () => {
  for (const [text, sent] of [
    ["cake :tada:", "cake 🎉"],
    [":+1::tada:", "👍️🎉"],
    ["at 10:30:15", "at 10:30:15"],
    ["a `:tada:` b :tada:", "a `:tada:` b 🎉"],
    ["```\n:tada:\n```\n:tada:", "```\n:tada:\n```\n🎉"],
    ["```\n:tada:", "```\n:tada:"],
    ["http://host:8080/:x:/", "http://host:8080/:x:/"],
    [":no_such_name: :tada", ":no_such_name: :tada"],
  ]) {
    assert.equal(names.replace(text).replaceAll("\ufe0f", ""), sent.replaceAll("\ufe0f", ""));
  }
});

test("what may be the name of an emoji is found outside of code", () => {
  for (const text of ["party :tada: now", ":+1:", "`:tada:` :tada:"]) assert.ok(hasShortcode(text), text);
  for (const text of ["", "at 10:30", "`:tada:`", "```\n:tada:\n```", ": tada :", "http://host:8080/"]) assert.ok(!hasShortcode(text), text);
});

test("a part of a name finds emoji, each once, the exact name first", () => {
  assert.equal(names.find("heart")[0].name, "heart");
  assert.deepEqual(names.find("tad").map(({ name }) => name).slice(0, 1), ["tada"]);
  const found = names.find("smile").map(({ emoji }) => emoji);
  assert.equal(new Set(found).size, found.length);
  assert.ok(found.length <= 8);
});
