import "../site/site.js";
import { bindUploads } from "../upload/fields.js";

bindUploads(document);
