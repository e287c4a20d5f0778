"""What a product shows of itself in a list, read in one query however many there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import OuterRef, Subquery

from catalog.models import Product, ProductImage, ProductQuerySet, Stock

_COLUMNS = ("pk", "code", "name", "price", "deal", "place", "created_at", "seller__nickname")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A product in a list. `price` is won."""

    pk: int
    code: str
    name: str
    price: int
    deal: str
    place: str
    seller: str
    picture: str
    """Its name in the storage, "" without one."""
    sold_out: bool
    created_at: datetime

    @property
    def picture_url(self) -> str:
        return default_storage.url(self.picture) if self.picture else ""

    @property
    def deal_label(self) -> str:
        """The kind of deal where it is not the usual one."""
        return "" if self.deal == Product.Deal.RETAIL else str(Product.Deal(self.deal).label)


def cards_of(products: ProductQuerySet) -> list[Card]:
    """Read the cards of products, in their order. Slice before: all of them are read."""
    first_picture = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
    in_stock = Stock.objects.filter(variant__product=OuterRef("pk"), variant__active=True, left__gt=0)
    rows = products.annotate(
        picture=Subquery(first_picture.values("file")[:1]),
        # Not Exists(): PostgreSQL may answer that for all products of the site at once, however few are listed.
        in_stock=Subquery(in_stock.values("pk")[:1]),
    )
    return list(_cards(rows.values_list(*_COLUMNS, "picture", "in_stock")))


def _cards(rows: Iterable[tuple]) -> Iterable[Card]:
    for pk, code, name, price, deal, place, created_at, seller, picture, in_stock in rows:
        yield Card(
            pk=pk,
            code=code,
            name=name,
            price=price,
            deal=deal,
            place=place,
            seller=seller,
            picture=picture or "",
            sold_out=in_stock is None,
            created_at=created_at,
        )
