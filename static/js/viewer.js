// Loaded when a picture is opened first (ui/files.js).

/** @typedef {import("./net/protocol.js").StoredFile} StoredFile */

/** The pictures next to the one that is shown are loaded too, so that they are there when one gets to them. */
const AHEAD = 1;

/**
 * Shows the pictures of the log, large, one beside the other: by arrow keys, buttons or a swipe, which is the scrolling of the strip that
 * they are in. Two fingers zoom as everywhere; a double click shows a picture in its own size, and back.
 */
export class Viewer {
  #files;
  #words;
  #box;
  #strip;
  /** @type {HTMLElement[]} */
  #slides;
  #at = 0;
  /** Whereto the strip is on its way by itself, past others; -1 where it isn't. */
  #goal = -1;

  /** @param {StoredFile[]} files @param {import("./lib/words.js").Words} words */
  constructor(files, words) {
    this.#files = files;
    this.#words = words;
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("viewer"));
    this.#box = /** @type {HTMLDialogElement} */ (template.content.firstElementChild?.cloneNode(true));
    this.#box.id = "pictures";
    this.#strip = this.#part(".strip");
    this.#slides = files.map(slide);
    this.#strip.append(...this.#slides);
    this.#box.addEventListener("close", () => !this.#box.open && this.#box.remove());
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#box.addEventListener("click", (event) => this.#click(/** @type {Element} */ (event.target)));
    this.#strip.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const type of ["pointerdown", "wheel"]) this.#strip.addEventListener(type, () => (this.#goal = -1), { passive: true });
    this.#strip.addEventListener("dblclick", (event) => zoom(/** @type {Element} */ (event.target)));
    new ResizeObserver(() => this.#go(this.#at, "instant")).observe(this.#strip); // a phone that is turned stays at its picture
  }

  /** @param {number} at which picture @param {(box: HTMLDialogElement) => void} open */
  show(at, open) {
    document.body.append(this.#box);
    open(this.#box);
    this.#be(at);
    this.#go(at, "instant");
    this.#strip.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const large = this.#slides[this.#at].classList.contains("large"); // then the arrows move the picture
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, Home: -this.#at, End: this.#files.length });
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in steps && !large) this.#step(steps[event.key]);
    else if (event.key === "Enter" && event.target === this.#strip) zoom(this.#slides[this.#at]);
    else return;
    event.preventDefault();
  }

  /** @param {Element} target */
  #click(target) {
    const act = target.closest("button")?.dataset.turn;
    if (act) this.#step(Number(act));
    else if (target.matches(".slide:not(.large)")) this.#box.close(); // beside the picture
  }

  /** @param {number} by */
  #step(by) {
    const to = Math.max(0, Math.min(this.#files.length - 1, this.#at + by));
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || Math.abs(to - this.#at) > 1;
    this.#be(to);
    this.#go(to, calm ? "instant" : "smooth");
  }

  /** @param {number} to @param {ScrollBehavior} behavior */
  #go(to, behavior) {
    this.#goal = behavior === "smooth" ? to : -1;
    this.#strip.scrollTo({ left: to * this.#strip.clientWidth, behavior });
  }

  /** A finger has moved on: what fills most of the strip is the picture that is shown. */
  #scrolled() {
    const place = this.#strip.scrollLeft / Math.max(1, this.#strip.clientWidth);
    const at = Math.round(place);
    if (Math.abs(place - at) > 0.02 || (this.#goal >= 0 && this.#goal !== at)) return;
    this.#goal = -1;
    if (at !== this.#at && at in this.#slides) this.#be(at);
  }

  /** Shows which picture it is. @param {number} at */
  #be(at) {
    if (at !== this.#at) this.#slides[this.#at].classList.remove("large");
    this.#at = at;
    for (let i = at - AHEAD; i <= at + AHEAD; i++) {
      const image = this.#slides[i]?.querySelector("img");
      if (image && !image.src) image.src = this.#files[i].url ?? "";
    }
    this.#slides.forEach((slide, i) => (slide.inert = i !== at));
    const { name, url = "" } = this.#files[at];
    this.#part(".name").textContent = name;
    this.#part(".of").textContent = this.#words.say("js.viewer.of", { n: at + 1, all: this.#files.length });
    const link = /** @type {HTMLAnchorElement} */ (this.#part("a[download]"));
    link.href = url;
    link.download = name;
    this.#button("-1").disabled = at === 0;
    this.#button("1").disabled = at === this.#files.length - 1;
    this.#part(".turns").hidden = this.#files.length < 2;
  }

  /** @param {string} turn @returns {HTMLButtonElement} */
  #button(turn) {
    return /** @type {HTMLButtonElement} */ (this.#part(`[data-turn="${turn}"]`));
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.#box.querySelector(selector));
  }
}

/** @param {StoredFile} file */
function slide({ name, width = 0, height = 0 }) {
  const slide = document.createElement("div");
  slide.className = "slide";
  const image = document.createElement("img");
  image.alt = name;
  image.width = width;
  image.height = height;
  slide.append(image);
  return slide;
}

/** Shows a picture in its own size, and back. @param {Element} target it, or what it stands in */
function zoom(target) {
  const slide = target.closest(".slide");
  if (!slide) return;
  const large = slide.classList.toggle("large");
  if (large) slide.scrollTo((slide.scrollWidth - slide.clientWidth) / 2, (slide.scrollHeight - slide.clientHeight) / 2);
}
