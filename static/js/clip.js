import "./site.js";
import "./share.js";
