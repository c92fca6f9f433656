// The sheets of rooms, asked for when the first of them is opened.

import { showRoom } from "./ui/about.js";
import { showNewRoom, showPassword } from "./ui/newroom.js";
import { showSwitcher } from "./ui/switcher.js";

/** @typedef {(app: import("./ui/app.js").App, room: string) => void} Open */

/** @type {Open} */
export const openRoom = showRoom;
/** @type {Open} */
export const openSwitcher = showSwitcher;
/** @type {Open} */
export const openNewRoom = showNewRoom;
/** @type {Open} */
export const openPassword = showPassword;
