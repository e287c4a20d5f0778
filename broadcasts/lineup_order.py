"""The order of a show's products."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from broadcasts.events import LineupChanged
from broadcasts.models import BroadcastLog, LineupItem
from broadcasts.moves import Status, lock_broadcast, next_version
from common.errors import IllegalMove
from common.events import send_on_commit


@transaction.atomic
def arrange_lineup(broadcast_id: int, codes: Sequence[str], *, by: User) -> bool:
    """Put the products with these codes first, in this order; the others follow as they stood.

    False if they stand so already. Raises IllegalMove once the show is over.
    """
    broadcast = lock_broadcast(broadcast_id)
    if broadcast.status in (Status.ENDED, Status.CANCELLED):
        raise IllegalMove(broadcast.status, "line-up")
    items = list(broadcast.lineup.select_related("product"))
    places = {code: place for place, code in enumerate(codes)}
    # sorted() keeps what has no place where it was, behind the rest.
    arranged = sorted(items, key=lambda item: places.get(item.product.code, len(places)))
    if arranged == items:
        return False
    for position, item in enumerate(arranged):
        item.position = position
    LineupItem.objects.bulk_update(arranged, ["position"])
    BroadcastLog.objects.create(broadcast=broadcast, type="broadcast.arranged", by=by)
    event = LineupChanged(version=next_version(broadcast), products=[item.product.code for item in arranged])
    send_on_commit(broadcast.room, event)
    return True


def moved(codes: Sequence[str], code: str, by: int) -> list[str]:
    """Return the codes with one of them `by` places further down (up with a negative number)."""
    order = list(codes)
    if code in order:
        place = order.index(code)
        order.insert(max(0, place + by), order.pop(place))
    return order
