"""What is pinned for a while becomes a chapter."""

from datetime import timedelta

from django.utils import timezone

from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast

LEAST = timedelta(seconds=10)
"""A product that is pinned for less was a slip; one that comes back within that was not away."""


def follow_pin(broadcast: Broadcast) -> None:
    """Let the running chapter be that of the product which is pinned on the air, if any.

    Call it with the broadcast's row locked, whenever its pin or its status has changed; repeating it is harmless.
    """
    now = timezone.now()
    item = broadcast.pinned_item if broadcast.is_on_air else None
    pins = broadcast.chapters.filter(source=Chapter.Source.PIN)
    running = pins.filter(until=None).first()
    if running:
        if item and running.product_id == item.product_id:
            return
        if now - running.at < LEAST:
            running.delete()
        else:
            running.until = now
            running.save(update_fields=["until"])
    if item is None:
        return
    last = pins.order_by("-until", "-pk").first()
    if last and last.product_id == item.product_id and last.until and now - last.until < LEAST:
        last.until = None
        last.save(update_fields=["until"])
    else:
        Chapter.objects.create(
            broadcast=broadcast,
            at=now,
            title=item.product.name[:60],
            product=item.product,
            source=Chapter.Source.PIN,
        )
