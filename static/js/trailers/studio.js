import "../site/site.js";
import "../upload/asset_cards.js";
import { loadAgain } from "../common/load_again.js";

// Only films in the making have a card here: with the film, badge and picture of the trailer change too.
document.addEventListener("asset:status", ({ detail: { status } }) => {
  if (status === "ready") loadAgain();
});
