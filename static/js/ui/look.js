/** The cookie by which the server knows the choice, so that the first thing it paints is right. */
const COOKIE = "parley_look";
const YEAR = 365 * 24 * 3600;

/** Lets one choose light or dark, or leave it to the device, for this device. */
export function wireLook() {
  const chosen = document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=(light|dark)`))?.[1] ?? "system";
  for (const choice of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input[name="look"]'))) {
    choice.checked = choice.value === chosen;
    choice.addEventListener("change", () => choose(choice.value));
  }
}

/** @param {string} look light, dark or system */
function choose(look) {
  const age = look === "system" ? 0 : YEAR;
  document.cookie = `${COOKIE}=${look}; path=/; max-age=${age}; samesite=lax`;
  const sheet = /** @type {HTMLLinkElement} */ (document.getElementById("dark"));
  sheet.media = look === "system" ? "(prefers-color-scheme: dark)" : look === "dark" ? "all" : "not all";
  const ground = getComputedStyle(document.documentElement);
  for (const bar of document.querySelectorAll('meta[name="theme-color"]')) {
    bar.removeAttribute("media");
    bar.setAttribute("content", ground.getPropertyValue("--bg"));
  }
}
