"""The demo's trailers: drawn, uploaded and transcoded like anybody's, and never over for long."""

import io
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from demo import goods
from demo.clips import prepare_clip
from demo.goods import Item
from demo.people import CAMPER, MAKER, SELLER, Person
from demo.seed import find_or_create_product
from media_pipeline.models import Asset
from media_pipeline.upload_actions import begin_upload, receive_upload
from media_pipeline.uploading.base import part_sizes
from media_pipeline.uploading.local_files import keep_part
from trailers.actions import create_trailer, edit_trailer
from trailers.models import Trailer


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A trailer of the demo: about its first product, the day it is on and the hour, in Seoul."""

    name: str
    seller: Person
    title: str
    items: tuple[Item, ...]
    days_ahead: int
    hour: int


ANNOUNCEMENTS = (
    Announcement(
        name="blocks",
        seller=MAKER,
        title="아이 손에 꼭 맞는 원목 블록",
        items=(goods.BLOCKS, goods.BEAR),
        days_ahead=1,
        hour=11,
    ),
    Announcement(
        name="camping",
        seller=CAMPER,
        title="불멍 준비 끝, 텐트부터 랜턴까지",
        items=(goods.TENT, goods.LANTERN),
        days_ahead=1,
        hour=20,
    ),
    Announcement(
        name="breakfast",
        seller=SELLER,
        title="향긋한 아침 식탁을 차려요",
        items=(goods.HONEY, goods.MUGS),
        days_ahead=3,
        hour=9,
    ),
)


def announce_trailers(folder: Path) -> None:
    """Announce what is not announced yet, and move forward what is past; clips are kept in the folder.

    Whoever runs the worker transcodes them. Without effect where uploads go to a cloud: the demo has no browser.
    """
    if settings.MEDIA_STORAGE != "filesystem":
        return
    for announcement in ANNOUNCEMENTS:
        seller = User.objects.get(username=announcement.seller.username)
        trailer = Trailer.objects.filter(seller=seller, title=announcement.title).first()
        if trailer is None:
            _announce(announcement, seller, folder)
        elif trailer.is_changeable and trailer.starts_at < timezone.now():
            _move_forward(trailer, announcement)


def _announce(announcement: Announcement, seller: User, folder: Path) -> None:
    clip = prepare_clip(folder, announcement.name, announcement.items)
    create_trailer(
        seller,
        title=announcement.title,
        product=find_or_create_product(seller, announcement.items[0]),
        starts_at=_start(announcement),
        video=_upload(seller, clip),
    )


def _move_forward(trailer: Trailer, announcement: Announcement) -> None:
    edit_trailer(
        trailer.pk,
        title=trailer.title,
        product=trailer.product,
        starts_at=_start(announcement),
        video=trailer.video,
        thumbnail=trailer.thumbnail,
        by=trailer.seller,
    )


def _start(announcement: Announcement) -> datetime:
    day = timezone.localdate() + timedelta(days=announcement.days_ahead)
    return timezone.make_aware(datetime.combine(day, time(announcement.hour)))


def _upload(seller: User, clip: Path) -> Asset:
    """Do what a browser does, without the way through HTTP."""
    content = clip.read_bytes()
    upload = begin_upload(
        seller, purpose=Asset.Purpose.VIDEO, name=clip.name, size=len(content), content_type="video/mp4"
    )
    for number, size in part_sizes(upload.size, upload.part_size).items():
        offset = (number - 1) * upload.part_size
        part = io.BytesIO(content[offset : offset + size])
        keep_part(upload.asset.source_key, number, offset=offset, content=part)
    receive_upload(upload.pk)
    return upload.asset
