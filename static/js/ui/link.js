import { isRename } from "../model/people.js";
import { Activity } from "../net/activity.js";
import { peerOf, socketUrl } from "../net/protocol.js";
import { Questions } from "../net/questions.js";
import { Socket, standing } from "../net/socket.js";
import { notice } from "./notice.js";
import { LOBBY } from "./room.js";
import { noteFact } from "./told.js";

/** @typedef {import("../net/protocol.js").Frame} Frame */
/**
 * Those of the page who hear what the server says.
 * @typedef {object} Hearers
 * @property {import("./opened.js").Opened} rooms
 * @property {import("../model/unread.js").Unread} unread
 * @property {import("../net/outbox.js").Outbox} outbox
 * @property {import("../model/names.js").Names} names
 * @property {import("./way.js").Way} way
 */

/** How long after a refusal a room is asked for again, where the server doesn't say. Milliseconds. */
const AGAIN = 2000;

/** The page's end of its one connection: what comes goes to whom it concerns, in the order in which they need it. */
export class Link {
  /** The private room in which somebody else spoke last since the page is here, "" for none. */
  answerTo = "";
  #app;
  #to;
  /** The room that the connection was asked to join as it was made. */
  #dialled = "";
  /** Whether the room that is shown may not be come into: then the connection is made by another one, which says so. */
  #isShut = false;

  /** @param {import("./app.js").App} app @param {Hearers} to */
  constructor(app, to) {
    this.#app = app;
    this.#to = to;
    const send = (/** @type {import("../net/protocol.js").Command} */ command) => this.socket.send(command);
    this.activity = new Activity(send);
    this.questions = new Questions(send, app.words.say("js.slash.offline"));
    this.socket = new Socket({ url: () => this.#address(), hasSession: () => this.#hasSession() });
    this.socket.onFrame = (frame) => this.#receive(frame);
    this.socket.onState = (state) => this.#stateChanged(state);
  }

  #address() {
    const { name, loaded, log } = this.#isShut ? this.#to.rooms.open(LOBBY) : this.#app.current;
    this.#dialled = name;
    return socketUrl(location, name, loaded ? log.last : -1);
  }

  async #hasSession() {
    const { hasSession, isOpen } = await standing(this.#app.hrefOf(this.#app.current.name));
    this.#isShut = !isOpen;
    return hasSession;
  }

  /** @param {import("../net/socket.js").State} state */
  #stateChanged(state) {
    if (state.name !== "open") {
      this.#to.outbox.pause();
      for (const room of this.#to.rooms.all) room.disconnected();
      this.questions.disconnected();
    }
    this.#app.tell("state");
  }

  /** @param {Frame} frame */
  #receive(frame) {
    const app = this.#app;
    const { rooms, unread, outbox, names } = this.#to;
    if (frame.type === "error") frame.message = app.words.refusal(frame);
    this.activity.receive(frame);
    if (this.questions.receive(frame)) return;
    app.absent.receive(frame);
    const isInVain = "user" in frame && app.ignored.has(frame.user);
    if (frame.type === "typing" && isInVain) return;
    if (frame.type === "ignored") {
      app.ignore(frame.people);
      app.askForRooms(); // in which less or more is unread now
    }
    const isHeard = frame.type === "message" && !isInVain;
    const isNews = isHeard && frame.user !== app.me.user;
    if (isNews && peerOf(frame.room, app.me.user)) this.answerTo = frame.room;
    const isSpoken = isNews && frame.room === app.current.name && frame.seq > app.current.log.last;
    names.receive(frame);
    if (frame.type === "removal") app.putOut(frame.room);
    const room = "room" in frame ? rooms.find(frame.room) : undefined;
    room?.receive(frame);
    if (isRename(frame)) for (const { people } of rooms.all) people.receive(frame);
    unread.receive(frame);
    noteFact(app, frame, (text, time) => room?.log.note(text, time));
    outbox.receive(frame);
    if (isHeard) app.tell("heard", frame);
    if (isSpoken) app.tell("spoke", frame);
    this.#answer(frame);
  }

  /** What the page does by itself because of a frame, now that all have heard it. @param {Frame} frame */
  #answer(frame) {
    const app = this.#app;
    if (frame.type === "welcome") this.#welcomed(frame);
    else if (frame.type === "idle_warning") app.tell("warning", frame.seconds);
    else if (frame.type === "joined" && frame.room === app.current.name) {
      app.current.askForRole();
      app.tell("room");
      this.#to.way.goOn(app.current);
    } else if (frame.type === "error" && frame.id) this.#refused(frame.id, frame);
    else if (frame.type === "error") app.note(frame.message);
  }

  /** @param {string} id @param {import("../net/protocol.js").Refusal} refusal */
  #refused(id, { code, message, retry_after_ms: wait }) {
    const { rooms, way } = this.#to;
    const asking = rooms.all.find(({ log }) => log.isAsking(id));
    if (asking) way.refused(asking, () => this.#app.current, wait);
    const room = rooms.all.find((room) => room.join().id === id);
    if (!room) return;
    if (code === "rate_limited" || code === "unavailable") setTimeout(() => this.#joinAgain(room), wait || AGAIN);
    else if (code === "locked") this.#lockedOut(room);
    else this.#turnedAway(room, message);
  }

  /** A room that the list doesn't have yet wants its password: it is asked for as from there. @param {import("./room.js").Room} room */
  #lockedOut({ name }) {
    this.#app.turnedAway(name);
    this.#app.tell("locked", name);
  }

  /** @param {import("./room.js").Room} room */
  #joinAgain(room) {
    if (this.#to.rooms.find(room.name) === room) this.socket.send(room.join());
  }

  /** One may not come into a room. It stays in sight as long as it holds what one wrote there and couldn't send. @param {import("./room.js").Room} room @param {string} why */
  #turnedAway({ name, log }, why) {
    if (this.#to.outbox.in(name).length > 0) return log.note(why, new Date().toISOString());
    this.#app.turnedAway(name);
    this.#app.note(why);
    notice(why);
  }

  /** @param {import("../net/protocol.js").Welcome} frame */
  #welcomed(frame) {
    const { rooms, outbox } = this.#to;
    this.#isShut = false;
    this.#app.welcomed(frame);
    for (const { room, joined, peer, last } of frame.rooms) {
      if (joined && !peer && !rooms.has(room)) this.socket.send({ type: "join", room, since: last });
    }
    for (const room of rooms.all) {
      if (room.name !== this.#dialled) this.socket.send(room.join());
    }
    this.#app.current.askForPeer();
    outbox.resume();
    this.#app.tell("welcome");
  }
}
