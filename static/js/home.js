import "./site.js";
import "./pictures.js";
import "./live_pictures.js";
import "./countdown.js";
import "./trailers/clips.js";
