// How files are spoken of. The server does it in the same way (handlers/files.go).

/** "820 B", "1.2 MB": bytes in units of 1000, with one decimal below 10. @param {number} bytes @param {string} [lang] */
export function sizeText(bytes, lang = "en") {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let size = bytes;
  while (unit < units.length - 1 && size >= 999.5) {
    size /= 1000;
    unit++;
  }
  const digits = unit > 0 && size < 9.95 ? 1 : 0;
  return `${size.toLocaleString(lang, { maximumFractionDigits: digits, minimumFractionDigits: digits })} ${units[unit]}`;
}

/** What people call a kind of file, "PDF" or "ZIP", or nothing where it has no short name. @param {string} type */
export function typeText(type) {
  const mime = type.split(";")[0].trim();
  const [family, rest = ""] = mime.split("/");
  const kind = rest.replace(/^x-/, "");
  const short = kind.split("+")[0];
  if (mime === "text/plain") return "TXT";
  if (short && /^[a-z0-9+-]{1,8}$/.test(kind)) return short.toUpperCase();
  return family === "text" ? "TXT" : "";
}
