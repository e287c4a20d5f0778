import "../site/site.js";
import { Player } from "../player/player.js";

const page = document.querySelector("[data-rehearsal]");
if (page) new Player(page);
