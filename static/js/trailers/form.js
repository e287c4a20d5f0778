import "../site/site.js";
import "../upload/asset_cards.js";
import { bindUploads } from "../upload/fields.js";

bindUploads(document);
