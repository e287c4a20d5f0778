import "./site.js";
import "./countdown.js";
