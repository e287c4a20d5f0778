import "../site/site.js";
import "../common/share.js";
