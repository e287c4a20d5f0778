import "../site.js";
import "../asset_cards.js";
import { bindUploads } from "../upload/fields.js";

bindUploads(document);
