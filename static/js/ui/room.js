import { Facts } from "../model/facts.js";
import { Log } from "../model/log.js";
import { People } from "../model/people.js";
import { Typing } from "../model/typing.js";
import { peerOf } from "../net/protocol.js";

/** The room where people land, and which they don't leave. */
export const LOBBY = "lobby";

/** A room that the page has opened: what was said, who is there, who is typing. It goes on living while another one is shown. */
export class Room {
  /** Whether its log has begun: then a reconnect asks for what came after it, else for the latest messages. */
  loaded = false;
  #send;

  /**
   * @param {string} name
   * @param {import("../net/protocol.js").Person} me
   * @param {(command: import("../net/protocol.js").Command) => boolean} send
   */
  constructor(name, me, send) {
    this.name = name;
    this.#send = send;
    this.peer = peerOf(name, me.user);
    this.log = new Log(name, me);
    this.people = new People(name, me);
    this.facts = new Facts(name);
    this.typing = new Typing(name, me, send);
    this.log.onGap = (since) => this.loaded && send({ type: "join", room: name, since });
  }

  /** What its log lacks, asked of the server by a name of the room's own. */
  join() {
    return { type: /** @type {const} */ ("join"), id: `join.${this.name}`, room: this.name, ...(this.loaded && { since: this.log.last }) };
  }

  /** What one is in it says what one may do there. */
  askForRole() {
    if (this.loaded && this.name !== LOBBY && !this.peer && !this.facts.role) this.#send({ type: "about", room: this.name });
  }

  /** Whether the other one of a private room is away is told in rooms that both are in, if there is any. */
  askForPeer() {
    if (this.peer) this.#send({ type: "whois", user: this.peer });
  }

  /** @param {import("../net/protocol.js").Frame} frame */
  receive(frame) {
    if (!this.people.isBack(frame)) this.log.receive(frame);
    this.people.receive(frame);
    this.facts.receive(frame);
    this.typing.receive(frame);
    if (frame.type === "joined") this.loaded = true;
  }

  disconnected() {
    this.log.disconnected();
    this.typing.clear();
  }
}
