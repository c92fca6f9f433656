// Times of the server as the viewer's clock and calendar show them. `zone` is an IANA name; undefined is the viewer's own.

/** @type {Map<string, Intl.DateTimeFormat>} making one costs 50 times what using it does */
const formats = new Map();

/** @param {string | undefined} locale @param {Intl.DateTimeFormatOptions} options */
function format(locale, options) {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(locale, options)));
  return found;
}

/** "09:12", on a clock of 24 hours, as on the server. @param {string | number} time RFC 3339 or milliseconds @param {string} [lang] @param {string} [zone] */
export function clock(time, lang = "en", zone) {
  return format(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(new Date(time));
}

/** The day and the time in full, for a title. @param {string | number} time @param {string} [lang] @param {string} [zone] */
export function fullTime(time, lang, zone) {
  return format(lang, { dateStyle: "full", timeStyle: "short", timeZone: zone }).format(new Date(time));
}

/** The viewer's day on which something happened, "2026-11-21". @param {string | number} time @param {string} [zone] */
export function dayOf(time, zone) {
  if (zone === undefined) {
    const date = new Date(time);
    return [pad(date.getFullYear(), 4), pad(date.getMonth() + 1, 2), pad(date.getDate(), 2)].join("-");
  }
  const options = /** @type {const} */ ({ year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone });
  const parts = Object.fromEntries(
    format("en-GB", { ...options, calendar: "gregory" }).formatToParts(new Date(time)).map((part) => [part.type, part.value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** @param {number} n @param {number} digits */
function pad(n, digits) {
  return String(n).padStart(digits, "0");
}

/**
 * What a day divider says: Today, Yesterday, else the date, with the year where it isn't this one.
 * @param {string} day as dayOf gives it
 * @param {string} today likewise
 * @param {import("./words.js").Words} words
 */
export function dayLabel(day, today, words) {
  const date = Date.parse(`${day}T00:00:00Z`);
  const ago = Math.round((Date.parse(`${today}T00:00:00Z`) - date) / 86_400_000);
  if (ago === 0) return words.say("js.day.today");
  if (ago === 1) return words.say("js.day.yesterday");
  const year = day.slice(0, 4) === today.slice(0, 4) ? undefined : "numeric";
  return format(words.lang, { weekday: "long", day: "numeric", month: "long", year, timeZone: "UTC" }).format(date);
}

/** How long until the viewer's day ends, so that "Today" can be said anew. Milliseconds. @param {number} now @param {string} [zone] */
export function untilTomorrow(now, zone) {
  const today = dayOf(now, zone);
  let [within, beyond] = [now, now + 26 * 3_600_000]; // a day has up to 25 hours
  while (beyond - within > 1000) {
    const middle = (within + beyond) / 2;
    if (dayOf(middle, zone) === today) within = middle;
    else beyond = middle;
  }
  return beyond - now;
}
