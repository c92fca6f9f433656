import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, readLine, splitName } from "../../../static/js/model/slash.js";

const slashes = [
  { name: "me", usage: "/me text", needs: true },
  { name: "join", usage: "/join ROOM", needs: true },
  { name: "leave", usage: "/leave [ROOM]", needs: false },
  { name: "help", usage: "/help", needs: false },
];

test("slash: a line is text, a command, a command that lacks something, or none that there is", () => {
  const lines = {
    hello: { is: "text", text: "hello" },
    " /me": { is: "text", text: " /me" },
    "//me": { is: "text", text: "/me" },
    "///": { is: "text", text: "//" },
    "/me waves\n twice ": { is: "command", name: "me", text: "waves\n twice" },
    "/LEAVE": { is: "command", name: "leave", text: "" },
    "/join": { is: "short", usage: "/join ROOM" },
    "/join  ": { is: "short", usage: "/join ROOM" },
    "/jion dev": { is: "unknown", name: "jion", near: "join" },
    "/home/ada/notes.txt": { is: "unknown", name: "home/ada/notes.txt", near: "" },
    "/": { is: "unknown", name: "", near: "" },
    "/ me": { is: "unknown", name: "", near: "" },
  };
  for (const [line, want] of Object.entries(lines)) assert.deepEqual(readLine(line, slashes), want, line);
});

test("slash: the nearest command is the one with the fewest wrong letters", () => {
  const near = { jion: "join", hlep: "help", leaev: "leave", Jon: "join", x: "", etc: "", [`${"x".repeat(100_000)}`]: "" };
  for (const [typed, want] of Object.entries(near)) assert.equal(nearest(typed, slashes), want, typed.slice(0, 20));
});

test("slash: a name with spaces is known by the people there are, or by its quotes", () => {
  const names = ["Ada", "Ada 2", "王小明"];
  const texts = {
    "Bob hi there": ["Bob", "hi there"],
    "ada 2 hi": ["Ada 2", "hi"],
    "@Ada hi": ["Ada", "hi"],
    "Ada 3 hi": ["Ada", "3 hi"],
    "Adam hi": ["Adam", "hi"],
    "王小明 你好": ["王小明", "你好"],
    "Ada 2": ["Ada 2", ""],
    '"Bob the B" hi': ["Bob the B", "hi"],
  };
  for (const [text, want] of Object.entries(texts)) assert.deepEqual(splitName(text, names), want, text);
});
