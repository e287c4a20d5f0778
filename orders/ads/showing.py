"""Which advertisements a page shows."""

from secrets import SystemRandom

from django.utils import timezone

from catalog.models import Category, Product
from orders.models import Ad

SHOWN = 2
CANDIDATES = 20

_random = SystemRandom()


def pick_ads(place: str, category: Category | None) -> list[Ad]:
    """Return at most SHOWN advertisements with products that are left, drawn anew each time.

    Of the CANDIDATES that pay most, each comes up in proportion to what it pays for a click.
    """
    ads = Ad.objects.running(timezone.now()).filter(
        place=place, category=category, product__state=Product.State.ON_SALE
    )
    candidates = list(
        ads.select_related("product__seller")
        .prefetch_related("product__images", "product__variants__stock")
        .order_by("-click_price", "pk")[:CANDIDATES]
    )
    return draw([ad for ad in candidates if not ad.product.sold_out])


def draw(ads: list[Ad]) -> list[Ad]:
    """Draw SHOWN without putting back, weighted by click price (Efraimidis and Spirakis, 2006)."""
    keys = {ad.pk: _random.random() ** (1 / ad.click_price) for ad in ads}
    return sorted(ads, key=lambda ad: keys[ad.pk], reverse=True)[:SHOWN]
