// The connection check: one socket to the echo, what it says and how long it takes.

/** How many entries the page keeps. */
const KEPT = 200;

class ParleyCheck extends HTMLElement {
  #boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}");
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {number[]} when each message left that has not come back, oldest first: an echo keeps the order */
  #sentAt = [];

  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (button?.dataset.act === "send") this.#send();
      if (button?.dataset.act === "disconnect") this.#socket?.close(1000);
      if (button?.dataset.act === "reconnect") this.#connect();
    });
    addEventListener("pagehide", () => this.#socket?.close(1000));
    addEventListener("pageshow", (event) => event.persisted && this.#connect());
    this.#connect();
  }

  #connect() {
    this.#warn(false);
    this.#now(this.dataset.connecting);
    this.#sentAt = [];
    const url = new URL(this.#boot.ws, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    const heard = (/** @type {(event: any) => void} */ tell) => (/** @type {Event} */ event) => {
      if (socket === this.#socket) tell(event);
    };
    socket.addEventListener("open", heard(() => this.#tell(this.dataset.open)));
    socket.addEventListener("message", heard((event) => this.#received(String(event.data))));
    socket.addEventListener("error", heard(() => this.#tell(this.dataset.error, true)));
    socket.addEventListener("close", heard((event) => this.#closed(event)));
  }

  #send() {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      this.#warn(true);
      return;
    }
    const text = "Hello"; // what the echo is asked to say; not a word of the page
    this.#sentAt.push(performance.now());
    this.#socket.send(text);
    this.#tell(fill(this.dataset.sent, { text }), false, false);
  }

  /** @param {string} text */
  #received(text) {
    const ms = (performance.now() - (this.#sentAt.shift() ?? performance.now())).toFixed(1);
    this.#tell(fill(this.dataset.received, { text, ms }), false, false);
  }

  /** @param {CloseEvent} event */
  #closed(event) {
    const words = event.reason ? this.dataset.closedReason : this.dataset.closed;
    this.#tell(fill(words, { code: String(event.code), reason: event.reason }), event.code !== 1000);
  }

  /**
   * Adds an entry to the list and, where it says how the connection stands, to the line above it.
   * @param {string | undefined} text
   */
  #tell(text = "", problem = false, state = true) {
    const time = document.createElement("time");
    const now = new Date();
    time.dateTime = now.toISOString();
    time.textContent = now.toLocaleTimeString();
    const said = document.createElement("span");
    said.textContent = text;
    said.classList.toggle("problem", problem);
    const entry = document.createElement("li");
    entry.append(time, said);
    const list = /** @type {HTMLElement} */ (this.querySelector(".frames"));
    list.append(entry);
    if (list.childElementCount > KEPT) list.firstElementChild?.remove();
    if (state) this.#now(text);
  }

  #now(text = "") {
    /** @type {HTMLElement} */ (this.querySelector(".now")).textContent = text;
  }

  /** @param {boolean} shown */
  #warn(shown) {
    /** @type {HTMLElement} */ (this.querySelector(".wrong")).hidden = !shown;
  }
}

/** @param {string | undefined} words @param {Record<string, string>} values */
function fill(words = "", values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

customElements.define("parley-check", ParleyCheck);
