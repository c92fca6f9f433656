// Who somebody is: a sheet that opens by their name or face, wherever it stands.

/** @param {import("./app.js").App} app */
export function wireProfile(app) {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const face = target.closest("parley-people .who, dialog .who, .row .author bdi, .row .avatar");
    const user = /** @type {HTMLElement | null | undefined} */ (face?.closest("[data-user]"))?.dataset.user;
    if (user) openProfile(app, { user });
  });
}

/**
 * Opens the sheet of somebody who is known by id or by name. Its script comes with the first of them.
 * @param {import("./app.js").App} app @param {{ user: string } | { name: string }} who
 * @returns {Promise<string>} what is wrong, "" where nothing is
 */
export async function openProfile(app, who) {
  try {
    const profile = await import("../profile.js");
    await profile.show(app, who);
    return "";
  } catch (error) {
    return error instanceof TypeError ? app.words.say("js.slash.offline") : /** @type {Error} */ (error).message;
  }
}
