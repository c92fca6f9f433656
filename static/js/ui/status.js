/**
 * Says something to those who listen to the page, in the one polite region. The same words again are said again.
 * @param {string} text
 */
export function speak(text) {
  const region = /** @type {HTMLElement} */ (document.getElementById("status"));
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

/** What stands in the tab: how much is unread, as a number and as a dot on the icon. */
export class Tab {
  #icon = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel="icon"]'));
  #plain = this.#icon.href;
  #title = document.title;
  #unread = 0;
  #mentions = 0;

  /** @param {string} title */
  set title(title) {
    this.#title = title;
    this.#draw();
  }

  /** @param {number} unread */
  set unread(unread) {
    if (unread === this.#unread) return;
    this.#unread = unread;
    this.#icon.href = unread > 0 ? (this.#icon.dataset.unread ?? this.#plain) : this.#plain;
    this.#draw();
  }

  /** How many of them mean oneself: that is what stands in the tab then. @param {number} mentions */
  set mentions(mentions) {
    if (mentions === this.#mentions) return;
    this.#mentions = mentions;
    this.#draw();
  }

  #draw() {
    const [sign, n] = this.#mentions > 0 ? ["@", this.#mentions] : ["", this.#unread];
    document.title = n > 0 ? `(${sign}${n > 99 ? "99+" : n}) ${this.#title}` : this.#title;
  }
}
