import "../site/site.js";
import { bindUploads } from "./fields.js";

bindUploads(document);
