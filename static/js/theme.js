// A classic script in the head, before anything is painted: light or dark as chosen on this device, else as the system has it.
(() => {
  const key = "parley.look";
  const grounds = { light: "#faf9f6", dark: "#151412" };
  const system = matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem(key) ?? "system";
    } catch {
      return "system"; // storage is switched off
    }
  }

  function apply() {
    const look = chosen();
    const dark = look === "dark" || (look === "system" && system.matches);
    const sheet = /** @type {HTMLLinkElement} */ (document.getElementById("dark"));
    const media = look === "system" ? "(prefers-color-scheme: dark)" : dark ? "all" : "not all";
    if (sheet.media !== media) sheet.media = media;
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? grounds.dark : grounds.light);
  }

  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", (event) => event.key === key && apply());
  addEventListener("parley:look", apply); // the menu of this page stored another choice
})();
