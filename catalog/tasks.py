"""Tasks that are queued by what happens in the catalog."""

from celery import shared_task

from catalog.models import Product
from catalog.reindexing import reindex_chunk


@shared_task(name="catalog.reindex_category")
def reindex_category(category_id: int, after: int = 0) -> None:
    """One chunk of its products; the next is a task of its own, so that none takes long."""
    _changed, rest = reindex_chunk(Product.objects.filter(category=category_id), after=after)
    if rest is not None:
        reindex_category.delay(category_id, rest)


@shared_task(name="catalog.reindex_seller")
def reindex_seller(seller_id: int, after: int = 0) -> None:
    """One chunk of the seller's products, as above."""
    _changed, rest = reindex_chunk(Product.objects.filter(seller=seller_id), after=after)
    if rest is not None:
        reindex_seller.delay(seller_id, rest)
