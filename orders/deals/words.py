"""What buyers are told about prices that change."""

from django.utils.translation import gettext as _

from broadcasts.models import LineupItem
from common.templatetags.money import won
from orders.pricing import Price, PriceKind


def price_change(price: Price, *, seen: int = 0, item: LineupItem | None = None) -> str:
    """Return the question to ask a buyer who saw `seen` won: `price` is the one of now.

    With the item of the show it is bought in, it says when the seen price was a deal's. Select `product` with the
    item and prefetch its `deals`.
    """
    now = {"price": won(price.unit)}
    if price.kind == PriceKind.FLASH:
        return _("특가가 시작됐어요. %(price)s에 살까요?") % now
    if item is not None and seen - (price.regular - item.product.price) in _special_prices(item):
        return _("특가가 끝났어요. %(price)s에 살까요?") % now
    return _("가격이 바뀌었어요. %(price)s에 살까요?") % now


def _special_prices(item: LineupItem) -> set[int | None]:
    return {item.live_price, *(deal.price for deal in item.deals.all())}
