// The sheets of rooms, asked for when the first of them is opened.

import { showRoom } from "./ui/about.js";
import { showSwitcher } from "./ui/switcher.js";

export const openRoom = showRoom;
export const openSwitcher = showSwitcher;
