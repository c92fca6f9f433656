import { setText } from "../lib/dom.js";
import { hue, initials } from "../lib/text.js";
import { directRoom } from "../net/protocol.js";
import { Drawer } from "./drawer.js";
import { drawList, fromTemplate } from "./list.js";

/** The people in the room, oneself first. Choosing somebody else opens the private room of the two. */
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
    const drawn = `${person.user} ${person.name}`;
    if (entry.dataset.drawn === drawn) return;
    entry.dataset.drawn = drawn;
    entry.dataset.user = person.user;
    const mine = person.user === app.me.user;
    const link = /** @type {HTMLAnchorElement} */ (entry.querySelector(".who"));
    const face = /** @type {HTMLElement} */ (entry.querySelector(".avatar"));
    face.className = `avatar hue-${hue(person.user)}`;
    setText(face, initials(person.name));
    const name = document.createElement("bdi");
    setText(name, person.name);
    entry.querySelector(".name")?.replaceChildren(name, mine ? ` ${app.words.say("js.people.you")}` : "");
    if (mine) return;
    link.href = app.hrefOf(directRoom(app.me.user, person.user));
    if (!link.querySelector(".write")) {
      const mark = document.createElement("span");
      mark.className = "write";
      const spoken = document.createElement("span");
      spoken.className = "unseen";
      spoken.textContent = ` – ${app.words.say("js.people.write")}`;
      mark.append(fromTemplate("write"), spoken);
      link.append(mark);
    }
  }
}
customElements.define("parley-people", PeopleList);
