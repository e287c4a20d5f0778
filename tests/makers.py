"""Small makers of rows for tests: valid by default, any field can be given."""

import itertools
from typing import Any

from accounts.models import User
from broadcasts.actions import create_broadcast
from broadcasts.channels import prepare_channel
from broadcasts.models import Broadcast, Channel
from catalog.actions import create_product
from catalog.models import Category, Product

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
