// What a line that begins with a slash is. The commands are those of internal/chat/slash.go, as the page was served them.

/** How a command is typed, and whether it is of no use without what follows its name. @typedef {{ name: string, usage: string, needs: boolean }} Slash */
/**
 * What a line is: something to say, a command with what follows its name, one that lacks that, or none, with the one that may be meant.
 * @typedef {{ is: "text", text: string } | { is: "command", name: string, text: string } | { is: "short", usage: string }
 *   | { is: "unknown", name: string, near: string }} Line
 */

/** @param {string} line @param {readonly Slash[]} slashes @returns {Line} */
export function readLine(line, slashes) {
  if (!line.startsWith("/")) return { is: "text", text: line };
  if (line.startsWith("//")) return { is: "text", text: line.slice(1) };
  const [, typed, rest] = /** @type {RegExpMatchArray} */ (line.match(/^\/(\S*)([^]*)$/));
  const slash = slashes.find(({ name }) => name === typed.toLowerCase());
  const text = rest.trim();
  if (!slash) return { is: "unknown", name: typed, near: nearest(typed, slashes) };
  if (slash.needs && text === "") return { is: "short", usage: slash.usage };
  return { is: "command", name: slash.name, text };
}

/** The command that somebody may have meant, "" where none is near. chat.NearestSlash finds the same. @param {string} typed @param {readonly Slash[]} slashes */
export function nearest(typed, slashes) {
  let found = "";
  let least = 3; // letters that may be wrong, and fewer than half of them
  for (const { name } of slashes) {
    const wrong = distance(typed.toLowerCase(), name);
    if (wrong >= least || 2 * wrong > name.length) continue;
    found = name;
    least = wrong;
  }
  return found;
}

/** How many letters have to be put in, left out, changed or swapped with the next one. @param {string} a @param {string} b */
function distance(a, b) {
  if (a.length > 2 * b.length + 2) return a.length;
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, changed);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}

/**
 * Parts the name at the beginning of a text from the rest. A name with spaces needs no quotes where it is one of those that are known.
 * @param {string} text @param {readonly string[]} names
 * @returns {[name: string, rest: string]}
 */
export function splitName(text, names) {
  const quoted = text.match(/^"([^"]+)"([^]*)$/);
  if (quoted) return [quoted[1], quoted[2].trim()];
  const bare = text.replace(/^@/, "");
  const low = bare.toLowerCase();
  const known = names
    .filter((name) => low === name.toLowerCase() || low.startsWith(`${name.toLowerCase()} `))
    .sort((a, b) => b.length - a.length)[0];
  const name = known ?? bare.split(/\s/, 1)[0];
  return [name, bare.slice(name.length).trim()];
}

/** A time as people type it, "10m", "2h" or "7d", in seconds; 0 for what is none. @param {string} text */
export function readTime(text) {
  const [, number, unit] = text.match(/^(\d{1,4})([smhd])$/) ?? [];
  return number ? Number(number) * { s: 1, m: 60, h: 3600, d: 86_400 }[/** @type {"s" | "m" | "h" | "d"} */ (unit)] : 0;
}
