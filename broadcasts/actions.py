"""Every write to broadcasts that means something. States follow `broadcasts.moves`."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts import tasks
from broadcasts.channels import claim
from broadcasts.chapters.pins import follow_pin
from broadcasts.events import BroadcastChanged
from broadcasts.models import Broadcast, BroadcastLog, Channel, LineupItem
from broadcasts.moves import Status, lock_broadcast, move_broadcast, next_version
from broadcasts.signal import follow_signal
from broadcasts.streaming import streaming
from catalog.models import Product
from common.errors import DomainError, IllegalMove, ProviderError
from common.events import send_on_commit


class AnotherBroadcastOpen(DomainError):
    """A channel carries one show at a time."""

    code = "another_broadcast_open"


class ChannelNotReady(DomainError):
    """The channel is still being prepared."""

    code = "channel_not_ready"


class BroadcastOpen(DomainError):
    """The channel carries a show that is not over."""

    code = "broadcast_open"


class NotInLineup(DomainError):
    """The product is not part of this show."""

    code = "not_in_lineup"


@transaction.atomic
def create_broadcast(
    channel: Channel,
    *,
    title: str,
    products: Sequence[Product],
    live_prices: Mapping[int, int] | None = None,
    by: User,
) -> Broadcast:
    """Announce a show with its line-up in order; `live_prices` is {product id: won while it is on the air}."""
    prices = live_prices or {}
    broadcast = Broadcast.objects.create(channel=channel, title=title)
    LineupItem.objects.bulk_create(
        LineupItem(broadcast=broadcast, product=product, position=position, live_price=prices.get(product.pk))
        for position, product in enumerate(products)
    )
    BroadcastLog.objects.create(broadcast=broadcast, type="broadcast.created", by=by)
    return broadcast


@transaction.atomic
def start_broadcast(broadcast_id: int, *, by: User) -> None:
    """The seller's "go live": on air at once if the picture is there, else as soon as it arrives.

    Raises AnotherBroadcastOpen, ChannelNotReady, IllegalMove. The channel's row is held throughout, so that two
    starts at once see each other also on MySQL, which has no unique index with a condition.
    """
    channel_id = Broadcast.objects.values_list("channel_id", flat=True).get(pk=broadcast_id)
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    if channel.state in (Channel.State.CLOSING, Channel.State.CLOSED):
        raise ChannelNotReady(_("닫은 채널이에요. 다시 방송하려면 고객센터에 문의해 주세요."))
    if channel.broadcasts.filter(status__in=Broadcast.OPEN).exclude(pk=broadcast_id).exists():
        raise AnotherBroadcastOpen(_("이미 진행 중인 방송이 있어요. 먼저 그 방송을 끝내 주세요."))
    if move_broadcast(broadcast_id, Status.STARTING, by=by):
        follow_signal(channel)


@transaction.atomic
def end_broadcast(broadcast_id: int, *, by: User | None = None) -> None:
    """End the show; the provider then finishes the recording. `by` is None when the silence ended it."""
    if move_broadcast(broadcast_id, Status.ENDED, by=by):
        channel_id = Broadcast.objects.values_list("channel_id", flat=True).get(pk=broadcast_id)
        transaction.on_commit(lambda: tasks.stop_stream.delay(channel_id), robust=True)


def cancel_broadcast(broadcast_id: int, *, by: User) -> None:
    """Call off a show that has not been on air."""
    move_broadcast(broadcast_id, Status.CANCELLED, by=by)


@transaction.atomic
def pin_product(broadcast_id: int, product_code: str | None, *, by: User) -> None:
    """Show one product of the line-up to everybody, or none."""
    broadcast = lock_broadcast(broadcast_id)
    if broadcast.status in (Status.ENDED, Status.CANCELLED):
        raise IllegalMove(broadcast.status, "pin")
    item = None
    if product_code:
        item = broadcast.lineup.select_related("product").filter(product__code=product_code).first()
        if item is None:
            raise NotInLineup(_("이 방송에 없는 상품이에요."))
    if broadcast.pinned_item == item:
        return
    broadcast.pinned_item, broadcast.pinned_at = item, timezone.now()
    broadcast.save(update_fields=["pinned_item", "pinned_at"])
    next_version(broadcast)
    follow_pin(broadcast)
    BroadcastLog.objects.create(broadcast=broadcast, type="broadcast.pinned", by=by)
    send_on_commit(broadcast.room, BroadcastChanged.of(broadcast))
    if broadcast.is_on_air:
        transaction.on_commit(lambda: tasks.send_pin.delay(broadcast_id), robust=True)


def open_channel(member_id: int) -> None:
    """Give a new member a channel row; a task then makes the provider's part."""
    channel, fresh = Channel.objects.get_or_create(member_id=member_id)
    if fresh:
        transaction.on_commit(lambda: tasks.prepare_channel.delay(channel.pk), robust=True)


def rotate_stream_key(channel_id: int) -> None:
    """Replace the stream key, then drop whoever still publishes with the old one.

    Raises ChannelNotReady, ChannelBusy, ProviderError; after the last a task finds out which key is valid.
    """
    with claim(channel_id) as channel:
        if channel.state != Channel.State.READY or channel.provider_ref is None:
            raise ChannelNotReady(_("채널을 준비하고 있어요. 준비가 끝나면 바꿀 수 있어요."))
        try:
            channel.stream_key = streaming().rotate_key(channel.provider_ref)
        except ProviderError:
            tasks.mend_stream_key.apply_async([channel_id], countdown=2)
            raise
        channel.save(update_fields=["stream_key"])
    tasks.disconnect_publisher.delay(channel_id)


@transaction.atomic
def close_channel(channel_id: int) -> None:
    """Give a channel up for good: a task deletes it, and its key, at the provider. Repeating it is harmless.

    Raises BroadcastOpen. Past shows, their replays and the row itself stay.
    """
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    if channel.state == Channel.State.CLOSED:
        return
    if channel.broadcasts.filter(status__in=Broadcast.OPEN).exists():
        raise BroadcastOpen(_("진행 중인 방송이 있어요. 방송을 끝낸 뒤에 닫아 주세요."))
    channel.state = Channel.State.CLOSING
    channel.save(update_fields=["state"])
    transaction.on_commit(lambda: tasks.close_channel.delay(channel_id), robust=True)
