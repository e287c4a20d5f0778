import "../site.js";
import "../pictures.js";
import "../countdown.js";
import "./clips.js";
