import "./site.js";
import "./pictures.js";
import "../player/live_pictures.js";
import "../common/countdown.js";
import "../trailers/clips.js";
