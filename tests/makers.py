"""Small makers of rows for tests: valid by default, any field can be given."""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from broadcasts.actions import create_broadcast
from broadcasts.channels import prepare_channel
from broadcasts.models import Broadcast, Channel
from catalog.actions import create_product
from catalog.models import Category, Product
from media_pipeline.models import Asset
from media_pipeline.stores import media_url
from trailers.models import Trailer

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_member(**fields: Any) -> User:
    """Return a saved member with a ready channel (PASSWORD signs in)."""
    number = next(_numbers)
    values = {
        "username": f"member{number}",
        "email": f"member{number}@example.com",
        "name": f"회원 {number}",
        "nickname": f"닉네임{number}",
        "phone": "010-1234-5678",
        "postcode": "04524",
        "address": "서울 중구 세종대로 110",
        "address_detail": "1층",
    } | fields
    member = User.objects.create_user(password=PASSWORD, **values)
    channel = Channel.objects.create(member=member)
    prepare_channel(channel.pk)
    channel.refresh_from_db()
    return member


def make_category(**fields: Any) -> Category:
    """Return a saved category."""
    number = next(_numbers)
    return Category.objects.create(**({"name": f"카테고리 {number}", "slug": f"category-{number}"} | fields))


def make_product(seller: User, *, stock: int = 10, **fields: Any) -> Product:
    """Return a saved product of the seller with `stock` pieces."""
    number = next(_numbers)
    values = {"name": f"상품 {number}", "price": 12_900} | fields
    values.setdefault("category", Category.objects.first() or make_category())
    return create_product(seller, stock=stock, **values)


def make_broadcast(
    seller: User, *, products: list[Product] | None = None, title: str = "오늘의 방송", **fields: Any
) -> Broadcast:
    """Return a saved broadcast of the seller; `status` and other columns may be given as they should stand."""
    lineup = products if products is not None else [make_product(seller)]
    broadcast = create_broadcast(seller.channel, title=title, products=lineup, by=seller)
    if fields:
        Broadcast.objects.filter(pk=broadcast.pk).update(**fields)
        broadcast.refresh_from_db()
    return broadcast


def make_asset(owner: User, *, purpose: str = "video", status: str = "ready", **fields: Any) -> Asset:
    """Return a saved asset; a ready one has the addresses that the pipeline would have given it."""
    asset = Asset(owner=owner, purpose=purpose, status=status, name="내 파일.mp4")
    asset.source_key = f"sources/{asset.code}/original"
    if status == "ready" and purpose == "video":
        folder = f"{asset.code}/first-attempt"
        asset.storage_key, asset.preview_key = f"videos/{folder}/master.m3u8", f"previews/{folder}/"
        asset.playback_url = media_url(asset.storage_key)
        asset.clip_url = media_url(f"{asset.preview_key}hover.mp4")
        asset.poster_url = media_url(f"{asset.preview_key}poster.0000000.jpg")
        asset.width, asset.height, asset.duration_ms = 1280, 720, 30_000
    elif status == "ready":
        asset.storage_key = f"images/{asset.code}-picture.webp"
        asset.playback_url = asset.poster_url = media_url(asset.storage_key)
        asset.width, asset.height = 640, 640
    for name, value in fields.items():
        setattr(asset, name, value)
    asset.save()
    return asset


def make_trailer(seller: User, **fields: Any) -> Trailer:
    """Return a saved trailer of the seller, public unless its `video` is not; any column may be given."""
    values = {"title": "내일 저녁의 방송", "starts_at": timezone.now() + timedelta(days=1)} | fields
    values["product"] = values.get("product") or make_product(seller)
    values["video"] = values.get("video") or make_asset(seller)
    return Trailer.objects.create(seller=seller, **values)
