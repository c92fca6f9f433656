import { offline } from "./notice.js";

/**
 * Lets one choose any emoji. What that takes comes when it is asked for.
 * @param {{ words: import("../lib/words.js").Words, base: string }} page `base`: where static files are
 * @returns {Promise<string>} "" where one chose none
 */
export async function anyEmoji(page) {
  try {
    const picker = await import("../picker.js");
    return await picker.anyEmoji(page);
  } catch {
    offline(page);
    return "";
  }
}

/**
 * The button beside the field, where there is a mouse: it puts an emoji where the caret is.
 * @param {{ words: import("../lib/words.js").Words, base: string }} page
 * @param {import("./composer.js").Composer} composer
 */
export function wireEmoji(page, composer) {
  composer.querySelector(".to-emoji")?.addEventListener("click", async () => {
    const emoji = await anyEmoji(page);
    if (emoji) composer.insert(emoji);
  });
}
