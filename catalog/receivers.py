"""Categories and sellers that may have another name by now: their products are found by it, once a task wrote it down.

Whether the name is another one the task sees: it writes only what differs.
"""

from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from accounts.models import User
from catalog.models import Category, Product, ProductQuerySet
from catalog.tasks import reindex_category, reindex_seller

Names = Collection[str] | None
"""The fields that were saved; None: all of them."""


def connect_renames() -> None:
    """Called once, by `catalog.apps`."""
    post_save.connect(on_category_saved, sender=Category, dispatch_uid="catalog.reindex_category")
    post_save.connect(on_member_saved, sender=User, dispatch_uid="catalog.reindex_seller")


def on_category_saved(
    sender: object,
    *,
    instance: Category,
    created: bool,
    update_fields: Names,
    **_: Any,  # noqa: ANN401 Django's signature
) -> None:
    if not created and _is_among("name", update_fields):
        products = Product.objects.filter(category=instance.pk)
        _queue(lambda: reindex_category.delay(instance.pk), products)


def on_member_saved(
    sender: object,
    *,
    instance: User,
    created: bool,
    update_fields: Names,
    **_: Any,  # noqa: ANN401
) -> None:
    """Most saves of members are a sign-in, which does not touch the nickname, and most members sell nothing."""
    if not created and _is_among("nickname", update_fields):
        products = Product.objects.filter(seller=instance.pk)
        _queue(lambda: reindex_seller.delay(instance.pk), products)


def _is_among(field: str, saved: Names) -> bool:
    return saved is None or field in saved


def _queue(reindex: Callable[[], object], products: ProductQuerySet) -> None:
    if products.exists():
        transaction.on_commit(reindex, robust=True)
