import { sizeText, typeText } from "../lib/size.js";
import { isolate } from "../lib/text.js";

/** @typedef {import("../net/protocol.js").StoredFile} StoredFile */
/** @typedef {import("../net/entry.js").Part} Part */
/** @typedef {import("../lib/words.js").Words} Words */

/** A picture in the log is at most so large, in CSS pixels, the same as in handlers/files.go: its place is kept before it is there. */
const WIDE = 320;
const TALL = 320;
/** What the server lets a browser show. */
const PICTURES = /^image\/(png|jpeg|gif|webp)\b/;
const FILMS = /^video\/(mp4|webm|quicktime)\b/;
const SOUNDS = /^audio\/(mpeg|ogg|wave|flac|mp4|aac)\b/;

/** Which files a row shows now. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Reads the files of a row that the server drew, which stay as they are.
 * @param {HTMLElement} place
 * @returns {StoredFile[] | undefined}
 */
export function readFiles(place) {
  const files = [...place.querySelectorAll("[data-file]")].map((file) => JSON.parse(file.getAttribute("data-file") ?? "{}"));
  if (files.length === 0) return undefined;
  drawn.set(place, keyOf(files));
  return files;
}

/**
 * Shows a message's files.
 * @param {HTMLElement} place
 * @param {readonly (StoredFile | Part)[]} files
 * @param {Words} words
 */
export function fillFiles(place, files, words) {
  const key = keyOf(files);
  if ((drawn.get(place) ?? "") === key) return;
  drawn.set(place, key);
  place.hidden = files.length === 0;
  place.replaceChildren(...files.map((file) => (file.id ? stored(/** @type {StoredFile} */ (file), words) : pending(file, words))));
}

/** What files are called, in a sentence. @param {readonly { name: string }[]} [files] */
export function namesOf(files = []) {
  return files.map((file) => isolate(file.name)).join(", ");
}

/** @param {readonly (StoredFile | Part)[]} files */
function keyOf(files) {
  return files.map((file) => `${file.id ?? ("key" in file ? file.key : "")}${file.url ? "" : "-"}`).join(" ");
}

/** @param {StoredFile} file */
function kindOf(file) {
  if (!file.url) return "card";
  if (PICTURES.test(file.type) && file.width && file.height) return "shot";
  if (FILMS.test(file.type)) return "film";
  return SOUNDS.test(file.type) ? "sound" : "card";
}

/** @param {StoredFile} file @param {Words} words */
function stored(file, words) {
  const kind = kindOf(file);
  const element = copyOf(kind);
  element.dataset.file = JSON.stringify(file);
  if (kind === "shot") {
    fillShot(element, file);
    return element;
  }
  const link = /** @type {HTMLAnchorElement} */ (element.matches("a") ? element : element.querySelector("a"));
  if (file.url) {
    link.href = file.url;
    link.download = file.name;
  }
  const media = /** @type {HTMLMediaElement | null} */ (element.querySelector("audio, video"));
  if (media && file.url) {
    media.src = file.url;
    media.ariaLabel = file.name;
  }
  describe(element, file, file.url ? "" : words.say("js.files.gone"), words);
  return element;
}

/** @param {HTMLElement} element @param {StoredFile} file */
function fillShot(element, file) {
  const { url = "", thumb = url, name, width = 1, height = 1 } = file;
  const link = /** @type {HTMLAnchorElement} */ (element);
  const image = /** @type {HTMLImageElement} */ (element.querySelector("img"));
  const scale = Math.min(1, WIDE / width, TALL / height);
  link.href = url;
  link.title = name;
  image.width = Math.max(1, Math.round(width * scale));
  image.height = Math.max(1, Math.round(height * scale));
  image.alt = name;
  image.src = thumb;
}

/**
 * A file that is on its way: who uploads it (attach.js) is told of its place, and shows there how far it is.
 * @param {StoredFile | Part} part
 * @param {Words} words
 */
function pending(part, words) {
  const element = copyOf("card");
  describe(element, part, "", words);
  if (!("key" in part)) return element;
  const place = document.createElement("div");
  place.className = "file upload";
  place.dataset.upload = part.key;
  place.append(...element.childNodes);
  document.dispatchEvent(new CustomEvent("parley-upload", { detail: place }));
  return place;
}

/** @param {HTMLElement} element @param {{ name: string, type: string, size: number }} file @param {string} said @param {Words} words */
function describe(element, { name, type, size }, said, words) {
  /** @type {HTMLElement} */ (element.querySelector(".name bdi")).textContent = name;
  const meta = [typeText(type), sizeText(size, words.lang), said].filter(Boolean).join(" · ");
  /** @type {HTMLElement} */ (element.querySelector(".meta")).textContent = meta;
}

/** @param {string} kind @returns {HTMLElement} */
function copyOf(kind) {
  const kinds = /** @type {HTMLTemplateElement} */ (document.getElementById("file-kinds"));
  return /** @type {HTMLElement} */ (kinds.content.querySelector(`.${kind}`)?.cloneNode(true));
}

/**
 * Opens pictures in the viewer, which comes when it is used first, and lets one film or sound play at a time.
 * @param {import("./app.js").App} app
 * @param {(box: HTMLDialogElement) => void} open
 */
export function wireFiles(app, open) {
  document.addEventListener("click", async (event) => {
    const shot = /** @type {Element} */ (event.target).closest("parley-log a.shot");
    if (!shot || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const shots = [...document.querySelectorAll("parley-log a.shot")];
    const files = shots.map((link) => JSON.parse(link.getAttribute("data-file") ?? "{}"));
    try {
      const { Viewer } = await import("../viewer.js");
      new Viewer(files, app.words).show(shots.indexOf(shot), open);
    } catch {
      location.assign(/** @type {HTMLAnchorElement} */ (shot).href); // the viewer can't be had just now: the picture alone, then
    }
  });
  document.addEventListener("play", ({ target }) => {
    for (const other of /** @type {NodeListOf<HTMLMediaElement>} */ (document.querySelectorAll("audio, video"))) if (other !== target) other.pause();
  }, true);
}
