"""Lists of products that take the same time on the first page and the thousandth, among ten products or a million.

A page goes on after the last product of the one before (keyset), never by an offset.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value

from catalog.cards import Card, cards_of
from catalog.categories import Node
from catalog.models import Product, ProductQuerySet
from catalog.search import holding, indexed, words_of

PER_PAGE = 24
NEWEST_SEARCHED = 1_000
"""Words found often enough among so many of the newest products need no index; rarer ones have few hits to sort."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some cards, and what `after` must be for those that follow ("": none do)."""

    cards: list[Card]
    after: str


@dataclass(frozen=True)
class Place:
    """After which product a page begins: its value in the list's order and its id."""

    value: int
    pk: int

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return what `write` wrote; None for anything else, which begins the list anew."""
        value, _, pk = text.partition("-")
        whole = value.isascii() and value.isdigit() and pk.isascii() and pk.isdigit()
        if not whole or len(text) > 40:
            return None
        place = cls(int(value), int(pk))
        return place if max(place.value, place.pk) < 2**53 else None

    def write(self) -> str:
        return f"{self.value}-{self.pk}"

    @property
    def moment(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.value)


def newest(node: Node | None = None, *, after: str = "", size: int = PER_PAGE) -> Page:
    """List what is on sale, in a category and all below it or everywhere, newest first."""
    place = Place.read(after)
    return _page(_first(node, lambda some: _newest_after(some, place), ("-created_at", "-pk"), size), size)


def cheapest(node: Node | None = None, *, after: str = "", size: int = PER_PAGE) -> Page:
    """The same, cheapest first; of one price the newest first."""
    place = Place.read(after)

    def beyond(some: ProductQuerySet) -> ProductQuerySet:
        if place is None:
            return some
        later = Q(price__gt=place.value) | Q(price=place.value, pk__lt=place.pk)
        return some.filter(later, price__gte=place.value)

    page = _page(_first(node, beyond, ("price", "-pk"), size), size)
    last = page.cards[-1] if page.after else None
    return Page(cards=page.cards, after=Place(last.price, last.pk).write() if last else "")


def found(query: str, *, after: str = "", size: int = PER_PAGE) -> Page:
    """List what is on sale and holds every word of the query, newest first; nothing for no words."""
    words = words_of(query)
    if not words:
        return Page(cards=[], after="")
    products = _newest_after(Product.objects.on_sale(), Place.read(after))
    in_order = products.order_by("-created_at", "-pk")
    far = in_order.values_list("created_at", flat=True)[NEWEST_SEARCHED : NEWEST_SEARCHED + 1].first()
    recent = products if far is None else products.filter(created_at__gt=far)
    cards = cards_of(holding(recent, words).order_by("-created_at", "-pk")[: size + 1])
    if far is not None and len(cards) <= size:
        # Sorted by what no index holds: else a planner that takes the word for a common one would walk through
        # all products in their order, looking for it.
        unindexed = ExpressionWrapper(F("created_at") + Value(timedelta()), output_field=DateTimeField())
        cards = cards_of(indexed(products, words).order_by(unindexed.desc(), "-pk")[: size + 1])
    return _page(cards, size)


Narrow = Callable[[ProductQuerySet], ProductQuerySet]


def _first(node: Node | None, narrow: Narrow, order: tuple[str, ...], size: int) -> list[Card]:
    """Read the first `size` and one more, in the order given.

    Each category has an index in either order, but several together have none: so the first of each are
    taken, and the first of those.
    """
    products = narrow(Product.objects.on_sale())
    family = [each.pk for each in node.family] if node else []
    if len(family) > 1 and connection.features.supports_slicing_ordering_in_compound:
        parts = [
            products.filter(category=pk).order_by(*order).values_list("pk", flat=True)[: size + 1]
            for pk in family
        ]
        products = Product.objects.filter(pk__in=list(parts[0].union(*parts[1:], all=True)))
    elif family:
        products = products.filter(category__in=family)
    return cards_of(products.order_by(*order)[: size + 1])


def _newest_after(products: ProductQuerySet, place: Place | None) -> ProductQuerySet:
    if place is None:
        return products
    older = Q(created_at__lt=place.moment) | Q(created_at=place.moment, pk__lt=place.pk)
    return products.filter(older, created_at__lte=place.moment)  # the second is what an index can use


def _page(cards: list[Card], size: int) -> Page:
    """Make a page of up to one card more than it shows, newest first."""
    shown = cards[:size]
    if len(cards) <= size:
        return Page(cards=shown, after="")
    last = shown[-1]
    micros = (last.created_at - _EPOCH) // timedelta(microseconds=1)
    return Page(cards=shown, after=Place(micros, last.pk).write())
