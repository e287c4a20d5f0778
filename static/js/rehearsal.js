import "./site.js";
import { Player } from "./player.js";

const page = document.querySelector("[data-rehearsal]");
if (page) new Player(page);
