"""The demo's program: one show of the demo seller after the other, always one on air."""

import logging
import time
from datetime import timedelta
from itertools import cycle
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from broadcasts.actions import end_broadcast, pin_product, start_broadcast
from broadcasts.models import Broadcast, Channel
from broadcasts.streaming import streaming
from chat.actions import say
from demo.encoder import Encoder
from demo.people import AUDIENCE
from demo.seed import announce
from demo.shows import Show
from demo.talk import AUDIENCE_LINES, GREETINGS, introduce

logger = logging.getLogger(__name__)

_SHOW_LENGTH = timedelta(hours=1)
"""Then the next one begins: what is on air is recorded, and no recording shall fill the disk."""
_KEPT_SHOWS = 2
_BREAK_SECONDS = 10.0
"""After a show ended: long enough for its recording to be finished."""
_PIN_SECONDS = 45.0
_TALK_SECONDS = (7, 16, 11, 24, 9, 19)


class Program:
    """What happens on the demo seller's channel. `step`, called about once a second, makes it happen."""

    def __init__(self, show: Show, encoder: Encoder) -> None:
        self._show = show
        self._encoder = encoder
        self._channel = Channel.objects.get(member__username=show.seller.username)
        self._seller = User.objects.get(username=show.seller.username)
        self._audience = cycle(User.objects.filter(username__in=[person.username for person in AUDIENCE]))
        self._pauses = cycle(_TALK_SECONDS)
        self._lines = {product: cycle(lines) for product, lines in AUDIENCE_LINES.items()}
        self._greetings = cycle(GREETINGS)
        self._on_air: int | None = None
        self._break_until = self._pin_at = self._talk_at = 0.0

    @property
    def is_on_air(self) -> bool:
        """Whether the show was seen on air by the last step."""
        return self._on_air is not None

    def step(self) -> None:
        """Bring the channel closer to a lively show.

        Raises DomainError, ProviderError, DatabaseError, RedisError: none of them keeps the next step from working.
        """
        broadcast = self._open_broadcast()
        if broadcast and _is_stale(broadcast):
            end_broadcast(broadcast.pk, by=self._seller)
            broadcast = None
        if broadcast is None:
            broadcast = self._next_broadcast()
        if broadcast is None:
            return
        self._encoder.keep_running()
        if broadcast.is_on_air:
            self._present(broadcast)

    def _open_broadcast(self) -> Broadcast | None:
        shows = self._channel.broadcasts.select_related("pinned_item__product")
        return shows.filter(status__in=Broadcast.OPEN).first()

    def _next_broadcast(self) -> Broadcast | None:
        """Start the next show; None during the break after the last one."""
        if self._on_air:
            self._on_air = None
            self._encoder.stop()
            self._break_until = time.monotonic() + _BREAK_SECONDS
        if time.monotonic() < self._break_until:
            return None
        _forget_old_shows(self._channel, self._show.title)
        planned = self._channel.broadcasts.filter(title=self._show.title, status=Broadcast.Status.SCHEDULED)
        broadcast = planned.order_by("pk").first() or announce(self._show)
        start_broadcast(broadcast.pk, by=self._seller)
        return self._open_broadcast()

    def _present(self, broadcast: Broadcast) -> None:
        now = time.monotonic()
        if broadcast.pk != self._on_air:
            self._on_air = broadcast.pk
            self._pin_at, self._talk_at = now, now + 4
            logger.info("on air: %s/live/%s/", settings.SITE_URL, broadcast.code)
        if now >= self._pin_at:
            self._pin_at = now + _PIN_SECONDS
            self._pin_next(broadcast)
        elif now >= self._talk_at:
            self._talk_at = now + next(self._pauses)
            say(broadcast.code, next(self._audience), key=uuid4(), text=self._line(broadcast))
        if broadcast.started_at and broadcast.started_at < timezone.now() - _SHOW_LENGTH:
            end_broadcast(broadcast.pk, by=self._seller)

    def _pin_next(self, broadcast: Broadcast) -> None:
        products = [item.product for item in broadcast.lineup.select_related("product")]
        if products:
            pinned = broadcast.pinned_item.product if broadcast.pinned_item else products[-1]
            product = products[(products.index(pinned) + 1) % len(products)]
            pin_product(broadcast.pk, product.code, by=self._seller)
            say(broadcast.code, self._seller, key=uuid4(), text=introduce(product.name))

    def _line(self, broadcast: Broadcast) -> str:
        pinned = broadcast.pinned_item.product.name if broadcast.pinned_item else ""
        return next(self._lines.get(pinned, self._greetings))


def _is_stale(broadcast: Broadcast) -> bool:
    """Whether it has been without a picture for so long that a returning encoder would begin a new recording."""
    window = timedelta(seconds=settings.RECONNECT_WINDOW_SECONDS)
    return bool(broadcast.signal_lost_at and broadcast.signal_lost_at < timezone.now() - window)


def _forget_old_shows(channel: Channel, title: str) -> None:
    """Delete all but the newest recordings of the show, and its broadcasts without orders along with them."""
    ended = channel.broadcasts.filter(title=title, status=Broadcast.Status.ENDED).order_by("-ended_at")
    for broadcast in ended.prefetch_related("recordings")[_KEPT_SHOWS:]:
        for recording in broadcast.recordings.all():
            streaming().delete_recording(recording.storage_key)
            recording.delete()
        if not broadcast.orders.exists():
            broadcast.delete()
