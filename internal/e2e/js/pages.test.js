// What the pages' files say of each other: every word that is asked for is there.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (/** @type {string} */ path) => readFileSync(join(root, path), "utf8");
const files = (/** @type {string} */ folder) => readdirSync(join(root, folder)).filter((name) => name.includes("."));

/** Every module that one leads to, itself included. */
function modulesFrom(/** @type {string} */ path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  const said = read(path);
  const later = said.matchAll(/\bawait import\("(\.[^"]+)"\)/g);
  for (const [, from] of [...said.matchAll(/^(?:import|export)\b(?:[^;]*?\bfrom)?\s+"(\.[^"]+)";/gm), ...later]) {
    modulesFrom(relative(root, join(root, dirname(path), from)), found);
  }
  return found;
}

test("the languages say the same things, with the same {names} in them", () => {
  const english = JSON.parse(read("views/words/en.json"));
  for (const name of files("views/words")) {
    const words = JSON.parse(read(`views/words/${name}`));
    assert.deepEqual(Object.keys(words), Object.keys(english), name);
    for (const [key, word] of Object.entries(words)) {
      const holes = (/** @type {string} */ text) => (text.match(/\{\w+\}/g) ?? []).sort();
      assert.deepEqual(holes(word), holes(english[key]), `${name}: ${key}`);
    }
  }
});

test("every word that is asked for is there, and every word is asked for", () => {
  const keys = new Set(Object.keys(JSON.parse(read("views/words/en.json"))));
  const scripts = [...modulesFrom("static/js/chat.js"), "static/js/check.js", "static/js/join.js"].map(read).join("\n");
  const views = files("views").map((name) => read(`views/${name}`)).join("\n");
  const asked = new Set();
  for (const [, key] of (views + scripts).matchAll(/\b(?:[Ss]ay\s*\(?)\s*"([a-z_0-9.]+)"/g)) asked.add(key);
  for (const [, key] of (views + scripts).matchAll(/\b[Cc]ount\s*\(?\s*"([a-z_0-9.]+)"/g)) asked.add(`${key}.one`).add(`${key}.other`);
  for (const [, key] of scripts.matchAll(/"(js\.[a-z_0-9.]+)"/g)) if (keys.has(key)) asked.add(key);
  for (const part of ["title", "text", "join"]) asked.add(`js.ended.${part}`).add(`js.removed.${part}`); // js/ui/connection.js
  for (const key of keys) if (key.startsWith("refused.")) asked.add(key); // by the code of the refusal, in handlers/view.go
  for (const key of keys) if (key.startsWith("slash.")) asked.add(key); // by the command's name: handlers/slash_test.go
  const server = files("handlers").map((name) => read(`handlers/${name}`)).join("\n"); // what a saved room says, say
  for (const [, key] of server.matchAll(/\.Say\("([a-z_0-9.]*[a-z_0-9])"/g)) asked.add(key);
  for (const [, key] of server.matchAll(/\.Count\("([a-z_0-9.]*[a-z_0-9])"/g)) asked.add(`${key}.one`).add(`${key}.other`);
  asked.add("check.title"); // the page's own title, by the server
  asked.add("join.title");
  assert.deepEqual([...asked].filter((key) => !keys.has(key)), [], "asked for and not there");
  assert.deepEqual([...keys].filter((key) => !asked.has(key)), [], "there and not asked for");
});
