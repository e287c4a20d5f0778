"""A product's own price while its show is on the air."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.events import LivePriceChanged
from broadcasts.models import BroadcastLog
from broadcasts.moves import Status, lock_broadcast, next_version
from catalog.models import Product
from common.errors import DomainError, IllegalMove
from common.events import send_on_commit
from common.templatetags.money import won

LEAST_PRICE = 100
"""Won; of the cheapest variant too."""


class BadPrice(DomainError):
    """The price is not lower than the usual one, or lower than anything may cost."""

    code = "bad_price"


def check_lower(price: int, *, usual: int, lowest_extra: int = 0) -> None:
    """Raise BadPrice unless `price` is lower than the usual one and the cheapest variant can still have it (won)."""
    if price >= usual:
        raise BadPrice(_("판매가 %(price)s보다 낮은 가격을 적어 주세요.") % {"price": won(usual)})
    least = LEAST_PRICE - min(0, lowest_extra)
    if price < least:
        raise BadPrice(_("%(price)s부터 적을 수 있어요.") % {"price": won(least)})


def lowest_extra(product: Product) -> int:
    """Return what the cheapest variant on offer costs on top (won), often 0. Prefetch `variants`."""
    return min((variant.extra_price for variant in product.offered), default=0)


@transaction.atomic
def set_live_price(broadcast_id: int, product_code: str, price: int | None, *, by: User) -> bool:
    """Let a product of the show cost `price` won while it is on the air, or its usual price with None.

    False if it did before, or is not in the line-up. Raises BadPrice, IllegalMove once the show is over.
    """
    broadcast = lock_broadcast(broadcast_id)
    if broadcast.status in (Status.ENDED, Status.CANCELLED):
        raise IllegalMove(broadcast.status, "live price")
    item = broadcast.lineup.select_related("product").filter(product__code=product_code).first()
    if item is None or item.live_price == price:
        return False
    if price is not None:
        check_lower(price, usual=item.product.price, lowest_extra=lowest_extra(item.product))
    item.live_price = price
    item.save(update_fields=["live_price"])
    BroadcastLog.objects.create(broadcast=broadcast, type="broadcast.live_price", by=by)
    event = LivePriceChanged(version=next_version(broadcast), product=product_code, live_price=price)
    send_on_commit(broadcast.room, event)
    return True
