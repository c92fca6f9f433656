// A sound and a notification, asked for with the first of them (see ui/alerts.js).

import { plain } from "./lib/dom.js";

/** @type {AudioContext | null} */
let audio = null;
let soundedAt = -Infinity;

/** So often at most, however much is said. Milliseconds. */
const EVERY = 1000;

/** Begins what makes sounds. It has to be asked for where the person has just pressed something. */
export function wakeSound() {
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
  } catch {
    audio = null; // a browser without it
  }
}

/** Two short soft tones, the second higher, made here: nothing is fetched. */
export function beep() {
  const now = performance.now();
  if (now - soundedAt < EVERY) return;
  soundedAt = now;
  wakeSound();
  if (audio?.state !== "running") return; // the person has not pressed anything yet
  for (const [pitch, after] of [[660, 0], [880, 0.12]]) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const begin = audio.currentTime + after;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, begin);
    loudness.gain.linearRampToValueAtTime(0.1, begin + 0.01);
    loudness.gain.exponentialRampToValueAtTime(0.001, begin + 0.18);
    tone.connect(loudness).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.2);
  }
}

/** Characters of a message that a notification shows. */
const SHOWN = 140;

/** What a notification is of. @typedef {{ room: string, name: string, text: string, html: string, files?: { name: string }[] }} Said */

/**
 * Shows a notification of the browser, one for each room: the latest takes the place of the one before.
 * @param {Said} message
 * @param {string} title of the room
 * @param {() => void} open what a press on it does, with the page in front
 */
export function notify({ room, name, text, html, files = [] }, title, open) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const heading = room.startsWith("@") ? name : `${name} · # ${title}`;
  try {
    const said = plain({ text, html }) || files.map((file) => file.name).join(", ");
    const note = new Notification(heading, { body: [...said].slice(0, SHOWN).join(""), tag: `parley ${room}` });
    note.onclick = () => {
      focus();
      open();
      note.close();
    };
  } catch {
    // Android's browsers show them only through a service worker, which this page has not.
  }
}
