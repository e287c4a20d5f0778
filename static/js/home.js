import "./site.js";
import "./pictures.js";
import "./live_pictures.js";
