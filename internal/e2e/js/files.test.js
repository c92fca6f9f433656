import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeText, typeText } from "../../../static/js/lib/size.js";

// The server says the same of the same files: handlers/files_test.go.
test("files are described as people do", () => {
  const sizes = {
    0: "0 B", 999: "999 B", 1000: "1.0 kB", 1234: "1.2 kB", 9949: "9.9 kB", 9950: "10 kB", 482133: "482 kB", 999499: "999 kB",
    999500: "1.0 MB", 104857600: "105 MB", 1073741824: "1.1 GB",
  };
  for (const [size, want] of Object.entries(sizes)) assert.equal(sizeText(Number(size)), want);
  assert.equal(sizeText(1234, "de"), "1,2 kB");
  const types = {
    "application/pdf": "PDF", "text/plain; charset=utf-8": "TXT", "text/x-very-unusual": "TXT", "image/svg+xml": "SVG", "audio/mpeg": "MPEG",
    "application/x-tar": "TAR", "application/octet-stream": "", "application/vnd.oasis.opendocument.text": "", "": "", "video/mp4": "MP4",
    nothing: "",
  };
  for (const [type, want] of Object.entries(types)) assert.equal(typeText(type), want, type);
});
