"""Every write to trailers that means something. States follow `trailers.moves`."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.actions import create_broadcast
from broadcasts.models import Broadcast, Channel
from catalog.models import Product
from common.errors import DomainError, IllegalMove
from media_pipeline.models import Asset
from media_pipeline.moves import lock_asset
from trailers.delivery_plan import tell_everybody
from trailers.models import ReminderDelivery, Trailer, TrailerLog
from trailers.moves import Status, lock_trailer, move_trailer

LATEST_START = timedelta(days=365)
Occasion = ReminderDelivery.Occasion


class BadStart(DomainError):
    """A show cannot begin then."""

    code = "bad_start"


class VideoNotReady(DomainError):
    """A trailer that people watch cannot change to a video that does not play yet."""

    code = "video_not_ready"


class VideoTaken(DomainError):
    """The video belongs to another trailer."""

    code = "video_taken"


class NoChannel(DomainError):
    """The seller has no live channel (staff made by hand)."""

    code = "no_channel"


def check_start(starts_at: datetime) -> None:
    """Raise BadStart unless the moment lies between now and a year from now."""
    now = timezone.now()
    if starts_at < now:
        raise BadStart(_("이미 지난 시각이에요. 앞으로 올 시각을 골라 주세요."))
    if starts_at > now + LATEST_START:
        raise BadStart(_("1년 안의 시각을 골라 주세요."))


@transaction.atomic
def announced_with(video: Asset) -> Trailer | None:
    """Return the trailer that has this video. Called in a transaction, it holds the video until the end.

    So a form that was sent twice at once finds at its second coming what the first one made.
    """
    lock_asset(video.pk)
    return Trailer.objects.filter(video=video).first()


@transaction.atomic
def create_trailer(
    seller: User,
    *,
    title: str,
    product: Product,
    starts_at: datetime,
    video: Asset,
    thumbnail: Asset | None = None,
) -> Trailer:
    """Announce a show. It is public as soon as its video plays. Raises BadStart."""
    check_start(starts_at)
    trailer = Trailer.objects.create(
        seller=seller, title=title, product=product, starts_at=starts_at, video=video, thumbnail=thumbnail
    )
    TrailerLog.objects.create(trailer=trailer, type="trailer.created", by=seller)
    return trailer


@transaction.atomic
def edit_trailer(
    trailer_id: int,
    *,
    title: str,
    product: Product,
    starts_at: datetime,
    video: Asset,
    thumbnail: Asset | None,
    by: User,
) -> None:
    """Change a trailer that is still to be; another time is told to everybody who wants to be reminded.

    Raises IllegalMove, BadStart, VideoNotReady.
    """
    trailer = lock_trailer(trailer_id)
    if not trailer.is_changeable:
        raise IllegalMove(trailer.status, "edit")
    if video != trailer.video and trailer.video.playback_url and not video.playback_url:
        raise VideoNotReady(
            _("새 영상을 변환하고 있어요. 끝난 뒤에 저장해 주세요. 그동안은 지금 영상이 보여요.")
        )
    moved = starts_at != trailer.starts_at
    details = {}
    if moved:
        check_start(starts_at)
        details = {"starts_at": [trailer.starts_at.isoformat(), starts_at.isoformat()]}
        trailer.starts_at, trailer.scheduled_at = starts_at, timezone.now()
        trailer.schedule_version += 1
    trailer.title, trailer.product, trailer.video, trailer.thumbnail = title, product, video, thumbnail
    trailer.save(
        update_fields=[
            *("title", "product", "video", "thumbnail"),
            *("starts_at", "scheduled_at", "schedule_version"),
        ]
    )
    TrailerLog.objects.create(trailer=trailer, type="trailer.edited", details=details, by=by)
    if moved:
        tell_everybody(trailer, Occasion.RESCHEDULED)


@transaction.atomic
def cancel_trailer(trailer_id: int, *, by: User | None = None) -> None:
    """Call a trailer off and tell everybody who wants to be reminded. `by` is None when its show was called off.

    Raises IllegalMove when the show goes on: that is called off in its control room.
    """
    trailer = lock_trailer(trailer_id)
    if trailer.broadcast and trailer.broadcast.status != Broadcast.Status.CANCELLED:
        raise IllegalMove(trailer.status, Status.CANCELLED)
    if not move_trailer(trailer_id, Status.CANCELLED, by=by):
        return
    Trailer.objects.filter(pk=trailer_id).update(schedule_version=F("schedule_version") + 1)
    trailer.refresh_from_db()
    tell_everybody(trailer, Occasion.CANCELLED)


@transaction.atomic
def start_broadcast_from(trailer_id: int, *, by: User) -> Broadcast:
    """Return the trailer's show, made now with its title and product unless it was made before.

    Raises IllegalMove for a cancelled trailer, NoChannel.
    """
    trailer = lock_trailer(trailer_id)
    if trailer.broadcast:
        return trailer.broadcast
    channel = Channel.objects.filter(member_id=trailer.seller_id).first()
    if channel is None:
        raise NoChannel(_("방송 채널이 아직 없어요. 고객센터에 알려 주세요."))
    move_trailer(trailer_id, Status.STARTED, by=by)
    broadcast = create_broadcast(channel, title=trailer.title, products=[trailer.product], by=by)
    Trailer.objects.filter(pk=trailer_id).update(broadcast=broadcast)
    return broadcast
