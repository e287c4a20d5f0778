import "../site.js";
import "../asset_cards.js";
