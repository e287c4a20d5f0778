"""Writing anew what products are found by, after what it is made of got another name (`catalog.search`)."""

from django.db import connection, transaction

from catalog.models import Product, ProductQuerySet
from catalog.search import index_text
from common.deadlocks import again_after_deadlock

AT_ONCE = 500
_READ = ("name", "search_text", "category__name", "seller__nickname")


def reindex_products() -> int:
    """Write anew what every product is found by; return how many were found by something else."""
    changed, after = reindex_chunk(Product.objects.all(), after=0)
    while after is not None:
        more, after = reindex_chunk(Product.objects.all(), after=after)
        changed += more
    return changed


def reindex_chunk(products: ProductQuerySet, *, after: int) -> tuple[int, int | None]:
    """Do so for the next AT_ONCE of `products` by id, those above `after`.

    Return how many were found by something else, and the `after` of the next chunk, None when this was the last.
    """
    rows = list(_read(products.filter(pk__gt=after)).order_by("pk")[:AT_ONCE])
    stale = [row.pk for row in rows if row.search_text != index_text(row)]
    changed = _write(stale) if stale else 0
    return changed, rows[-1].pk if len(rows) == AT_ONCE else None


@again_after_deadlock
@transaction.atomic
def _write(product_ids: list[int]) -> int:
    """Read again under the rows' locks: a seller may be changing one of them. Buyers do not wait for it."""
    no_key = connection.features.has_select_for_no_key_update
    locked = Product.objects.select_for_update(no_key=no_key).filter(pk__in=product_ids)
    rows = list(
        _read(Product.objects.filter(pk__in=list(locked.order_by("pk").values_list("pk", flat=True))))
    )
    for row in rows:
        row.search_text = index_text(row)
    return Product.objects.bulk_update(rows, ["search_text"])


def _read(products: ProductQuerySet) -> ProductQuerySet:
    return products.select_related("category", "seller").only(*_READ)
