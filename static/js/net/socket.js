import { clock as browserClock } from "../lib/clock.js";
import { Backoff } from "./backoff.js";
import { Heartbeat } from "./heartbeat.js";
import { closed, parse } from "./protocol.js";

/** @typedef {import("./protocol.js").Frame} Frame */

/**
 * How the connection stands. Times are Date.now() values in milliseconds.
 * - connecting: under way. `lostAt` is 0 at the first time.
 * - open: the server answers.
 * - waiting: until `retryAt`, then it connects by itself. `restarting`: the server said that it goes away.
 * - idle: closed by the server because nobody did anything. It connects by itself when one returns to the page, or by connect.
 * - ended: the session is over; the page has to be entered again. removed: by a moderator. Neither connects again.
 * - resting: the page is out of sight for good or in the back/forward cache.
 * @typedef {object} State
 * @property {"connecting" | "open" | "waiting" | "idle" | "ended" | "removed" | "resting"} name
 * @property {number} since when it came to stand so
 * @property {number} lostAt since when nothing can be sent, as far as one can know; 0 while open. A banner waits 1.5 s from here
 * @property {number} retryAt 0 unless waiting
 * @property {boolean} restarting
 */

/** What the socket needs of a window; tests give it one of their own.
 * @typedef {object} Page
 * @property {(type: string, act: (event: any) => void) => void} listen to events of the window and of the document alike
 * @property {() => boolean} isVisible
 * @property {(url: string) => WebSocket} dial
 */

/** How long a handshake may take. Milliseconds. */
const HANDSHAKE = 10_000;
/** An open connection that lasts so long was a success: the next loss begins with short waits again. Milliseconds. */
const STABLE = 10_000;
/** How long one who returns to the page waits for a sign of life. Milliseconds. */
const RETURN = 3000;

/** @type {Page} */
const browserPage = {
  listen(type, act) {
    (type === "visibilitychange" ? document : window).addEventListener(type, act);
  },
  isVisible: () => document.visibilityState === "visible",
  dial: (url) => new WebSocket(url),
};

/**
 * The one connection of a page. It connects, notices that the network is gone, and comes back by itself. Each WebSocket has a
 * number; what an older one still says is not heard, so there are never two.
 */
export class Socket {
  /** A frame came. @type {(frame: Frame) => void} */
  onFrame = () => {};
  /** The state is another. @type {(state: State) => void} */
  onState = () => {};

  /** Why a moderator removed one, "" where nothing was said of it. */
  reason = "";
  /** @type {State} */
  #state = { name: "resting", since: 0, lostAt: 0, retryAt: 0, restarting: false };
  /** @type {WebSocket | null} */
  #socket = null;
  #generation = 0;
  #timer = /** @type {any} */ (null);
  #stable = /** @type {any} */ (null);
  #failures = 0; // handshakes in a row
  #url;
  #hasSession;
  #clock;
  #page;
  #backoff;
  #heartbeat;

  /**
   * @param {object} options
   * @param {() => string} options.url asked for each time, because it says how far the page's log goes
   * @param {() => Promise<boolean>} [options.hasSession] asked when handshakes fail: the browser doesn't tell a 401 from a dead network.
   *   Rejects where that can't be known (see standing)
   * @param {import("../lib/clock.js").Clock} [options.clock]
   * @param {Page} [options.page]
   * @param {() => number} [options.random]
   */
  constructor({ url, hasSession = async () => true, clock = browserClock, page = browserPage, random = Math.random }) {
    this.#url = url;
    this.#hasSession = hasSession;
    this.#clock = clock;
    this.#page = page;
    this.#backoff = new Backoff(random);
    this.#heartbeat = new Heartbeat({
      clock,
      isVisible: page.isVisible,
      ping: () => this.send({ type: "ping" }),
      onDead: (since) => this.#lose(since),
    });
    page.listen("pagehide", () => this.#rest());
    page.listen("pageshow", (event) => (event.persisted ? this.connect() : this.#returned()));
    page.listen("visibilitychange", () => (page.isVisible() ? this.#returned() : this.#heartbeat.look()));
    page.listen("online", () => this.#state.name !== "idle" && this.#returned());
    page.listen("offline", () => this.#heartbeat.check());
  }

  /** @returns {State} */
  get state() {
    return this.#state;
  }

  /** Connects now, where there is no connection nor one under way. Does nothing where the session is over. */
  connect() {
    if (["open", "connecting", "ended", "removed"].includes(this.#state.name)) return;
    this.#dial();
  }

  /** @param {import("./protocol.js").Command} command @returns {boolean} false where it could not be sent; nothing is kept here */
  send(command) {
    if (this.#state.name !== "open" || this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  #dial() {
    this.#drop();
    const generation = ++this.#generation;
    const heard = (/** @type {(event: any) => void} */ act) => (/** @type {any} */ event) => {
      if (generation === this.#generation) act(event);
    };
    this.#be("connecting");
    const socket = this.#page.dial(this.#url());
    this.#socket = socket;
    socket.addEventListener("open", heard(() => this.#opened()));
    socket.addEventListener("message", heard((event) => this.#received(event.data)));
    socket.addEventListener("close", heard((event) => this.#closed(event.code, event.reason)));
    this.#timer = this.#clock.setTimeout(() => this.#failed(), HANDSHAKE);
  }

  #opened() {
    this.#clock.clearTimeout(this.#timer);
    this.#failures = 0;
    this.#stable = this.#clock.setTimeout(() => this.#backoff.reset(), STABLE);
    this.#be("open");
    this.#heartbeat.start();
  }

  /** @param {unknown} data */
  #received(data) {
    this.#heartbeat.heard();
    const frame = parse(data);
    if (frame && frame.type !== "pong") this.onFrame(frame);
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    if (this.#state.name === "connecting") {
      this.#failed();
      return;
    }
    switch (code) {
      case closed.idle:
        this.#stop("idle");
        break;
      case closed.removed:
        this.reason = reason;
        this.#stop("removed");
        break;
      case closed.sessionEnded:
        this.#stop("ended");
        break;
      case closed.goingAway: // everyone comes back at once: spread them
        this.#backoff.atLeast(2);
        this.#wait({ restarting: true });
        break;
      case closed.flooding:
      case closed.tooSlow:
        this.#backoff.atLeast(3);
        this.#wait();
        break;
      default:
        this.#wait();
    }
  }

  /** The open connection is as good as gone, since some time ago. @param {number} since */
  #lose(since) {
    if (this.#state.name === "open") this.#wait({ lostAt: since });
  }

  /** A handshake failed. From the second one on it may be the session that is gone, not the network. */
  #failed() {
    this.#failures++;
    const { restarting } = this.#state;
    this.#wait({ restarting });
    if (this.#failures < 2) return;
    const generation = this.#generation;
    this.#hasSession().then(
      (has) => {
        if (!has && generation === this.#generation && this.#state.name === "waiting") this.#stop("ended");
      },
      () => {}, // no answer either: it is the network
    );
  }

  /** @param {{ restarting?: boolean, lostAt?: number }} [why] */
  #wait({ restarting = false, lostAt } = {}) {
    this.#drop();
    const wait = this.#backoff.next();
    this.#be("waiting", { retryAt: this.#clock.now() + wait, restarting, lostAt });
    this.#timer = this.#clock.setTimeout(() => this.#dial(), wait);
  }

  /** @param {"idle" | "ended" | "removed" | "resting"} name */
  #stop(name) {
    this.#drop();
    this.#be(name);
  }

  /**
   * The page goes away. The socket is closed, so that the page fits into the back/forward cache, but without code 1000, which would
   * say that the person left: a reload is silent.
   */
  #rest() {
    if (this.#state.name !== "ended" && this.#state.name !== "removed") this.#stop("resting");
  }

  /** The person is back, or the network is. */
  #returned() {
    if (this.#state.name === "open") this.#heartbeat.check(RETURN);
    else if (this.#state.name !== "resting") this.connect();
  }

  /** Lets go of the socket and of all that was to come. */
  #drop() {
    this.#generation++;
    this.#clock.clearTimeout(this.#timer);
    this.#clock.clearTimeout(this.#stable);
    this.#heartbeat.stop();
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState < 2) socket.close();
  }

  /** @param {State["name"]} name @param {{ retryAt?: number, restarting?: boolean, lostAt?: number }} [more] */
  #be(name, { retryAt = 0, restarting = this.#state.restarting, lostAt } = {}) {
    const now = this.#clock.now();
    const lost = this.#state.lostAt || lostAt || (this.#state.name === "resting" ? 0 : now);
    const isWell = name === "open" || name === "resting";
    this.#state = { name, since: now, lostAt: isWell ? 0 : lost, retryAt, restarting: !isWell && restarting };
    this.onState(this.#state);
  }
}

/**
 * Asks why a page can't connect: whether its session still stands, and whether its room is open to one. Rejects without an answer.
 * @param {string} path of the room's page
 * @returns {Promise<{ hasSession: boolean, isOpen: boolean }>}
 */
export async function standing(path) {
  const { status } = await fetch(path, { method: "HEAD", cache: "no-store", headers: { Accept: "application/json" } });
  return { hasSession: status !== 401, isOpen: status !== 403 && status !== 404 };
}
