import { setText } from "../lib/dom.js";
import { hue, initials } from "../lib/text.js";
import { directRoom } from "../net/protocol.js";
import { Drawer } from "./drawer.js";
import { drawList, fromTemplate } from "./list.js";

/** The people in the room, oneself first: who is here, away or typing. A name opens who that is, the sign beside it the private room. */
export class PeopleList extends Drawer {
  /** @param {import("./app.js").App} app */
  draw(app) {
    const { list, count, unlisted } = app.current.people;
    drawList(
      this.list,
      list,
      (person) => person.user,
      () => fromTemplate("person"),
      (entry, person) => this.#fill(entry, person, app),
    );
    this.find(".number").textContent = String(count);
    const more = this.find(".more");
    more.hidden = unlisted === 0;
    more.textContent = app.words.count("js.people.more", unlisted);
  }

  /** @param {HTMLElement} entry @param {{ user: string, name: string }} person @param {import("./app.js").App} app */
  #fill(entry, person, app) {
    const away = app.absent.of(person.user);
    const isTyping = app.current.typing.has(person.user);
    const state = isTyping ? app.words.say("js.people.typing") : away ? [app.words.say("js.people.away"), away.text].filter(Boolean).join(": ") : "";
    const drawn = [person.user, person.name, Boolean(away), state].join("\n");
    if (entry.dataset.drawn === drawn) return;
    entry.dataset.drawn = drawn;
    entry.dataset.user = person.user;
    entry.classList.toggle("away", Boolean(away));
    const mine = person.user === app.me.user;
    const face = /** @type {HTMLElement} */ (entry.querySelector(".avatar"));
    face.className = `avatar hue-${hue(person.user)}`;
    setText(face, initials(person.name));
    const name = document.createElement("bdi");
    setText(name, person.name);
    entry.querySelector(".name")?.replaceChildren(name, mine ? ` ${app.words.say("js.people.you")}` : "");
    setText(/** @type {HTMLElement} */ (entry.querySelector(".doing")), state);
    if (!mine) this.#write(entry, person, app);
  }

  /** The way to the private room. @param {HTMLElement} entry @param {{ user: string, name: string }} person @param {import("./app.js").App} app */
  #write(entry, person, app) {
    const link = entry.querySelector("a") ?? document.createElement("a");
    link.className = "write";
    link.href = app.hrefOf(directRoom(app.me.user, person.user));
    const spoken = document.createElement("span");
    spoken.className = "unseen";
    const name = document.createElement("bdi");
    setText(name, person.name);
    spoken.append(name, ` – ${app.words.say("js.people.write")}`);
    link.replaceChildren(fromTemplate("write"), spoken);
    entry.append(link);
  }
}
customElements.define("parley-people", PeopleList);
