import "../site/site.js";
import "../site/pictures.js";
import "../common/countdown.js";
import "./clips.js";
