// The name-entry page. The form works without this: here the name is remembered and the cursor put where one types.

const field = /** @type {HTMLInputElement} */ (document.getElementById("name"));
const key = "parley.name";

/** The name used last on this device, "" where nothing is kept. */
function remembered() {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

const goOn = /** @type {HTMLAnchorElement | null} */ (document.querySelector(".continue"));
const wrong = /** @type {HTMLInputElement | null} */ (document.querySelector("[aria-invalid]"));

const focused = document.activeElement;
const isTyping = focused instanceof HTMLInputElement && focused.value !== focused.defaultValue; // since before the script was there

if (field.value === "" && !goOn) field.value = remembered();

if (goOn && location.hash) goOn.hash = location.hash;
for (const form of document.forms) {
  if (location.hash) form.action += location.hash; // of the message that one was on the way to; the answer leads there
  form.addEventListener("submit", () => {
    const name = new FormData(form).get("name");
    try {
      if (typeof name === "string") localStorage.setItem(key, name);
    } catch {
      // a browser that keeps nothing asks again next time
    }
  });
}

// On a phone the keyboard would cover the page before anyone has read it.
if (matchMedia("(pointer: fine)").matches && !isTyping) {
  (wrong ?? goOn ?? field).focus();
  if (!goOn || wrong) (wrong ?? field).select();
}
