import { openDialog } from "./dialogs.js";

/**
 * Asks before something that can't be undone. What is asked names what happens.
 * @param {{ title: string, text: string, stay: string, go: string }} words
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, stay, go }) {
  const box = document.createElement("dialog");
  box.className = "sheet";
  box.id = "confirm";
  box.setAttribute("aria-labelledby", "confirm-title");
  box.setAttribute("aria-describedby", "confirm-text");
  const head = Object.assign(document.createElement("h2"), { id: "confirm-title", textContent: title });
  const said = Object.assign(document.createElement("p"), { id: "confirm-text", className: "text", textContent: text });
  const acts = Object.assign(document.createElement("div"), { className: "acts" });
  const no = Object.assign(document.createElement("button"), { type: "button", textContent: stay });
  const yes = Object.assign(document.createElement("button"), { type: "button", textContent: go, className: "grave" });
  acts.append(no, yes);
  box.append(head, said, acts);
  document.body.append(box);
  return new Promise((answer) => {
    let isSure = false;
    no.addEventListener("click", () => box.close());
    yes.addEventListener("click", () => {
      isSure = true;
      box.close();
    });
    box.addEventListener("close", () => {
      box.remove();
      answer(isSure);
    });
    openDialog(box);
  });
}
