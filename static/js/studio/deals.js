import "../site/site.js";
import "../common/countdown.js";
