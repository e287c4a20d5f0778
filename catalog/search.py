"""Finding products by words, two Korean syllables and single ones too, however many products there are.

pg_trgm cannot narrow two syllables down (it needs three characters), so every text is kept with its one- and
two-character pieces, which PostgreSQL finds through an inverted index (migration 0008). Other databases compare text.
"""

import unicodedata
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Func, TextField, Value

from catalog.models import Product, ProductQuerySet

MAX_QUERY = 50
"""Characters of a query that count."""


def words_of(query: str) -> list[str]:
    """Return what must all be found, as `index_text` writes it; case, width and the way Hangul is composed are even."""
    return _even(query)[:MAX_QUERY].split()


def index_text(product: Product) -> str:
    """Return what a product is found by: name, category and seller, each without spaces, then all their pieces.

    Select `category` and `seller` with it. The pieces are parts of the texts, so a comparison with the whole finds
    nothing that the texts alone do not hold.
    """
    sources = (product.name, product.category.name, product.seller.nickname)
    texts = ["".join(_even(source).split()) for source in sources]
    pieces = {piece for text in texts for piece in _pieces(text)}
    return " ".join([*texts, *sorted(pieces)])


def holding(products: ProductQuerySet, words: list[str]) -> ProductQuerySet:
    """Keep the products in which every word occurs, by comparing texts: for few rows, or many hits."""
    for word in words:
        products = products.filter(search_text__contains=word)
    return products


def indexed(products: ProductQuerySet, words: list[str]) -> ProductQuerySet:
    """Keep the same products, found through PostgreSQL's index where there is one: for rare words among many rows."""
    if connection.vendor != "postgresql":
        return holding(products, words)
    wanted: Any = sorted({piece for word in words for piece in _longest_pieces(word)})
    pieces = Func(
        "search_text",
        Value(" "),
        function="string_to_array",  # exactly the expression of the index
        output_field=ArrayField(TextField()),
    )
    return holding(products.alias(pieces=pieces).filter(pieces__contains=wanted), words)


def _even(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _pieces(text: str) -> set[str]:
    return {*text, *_longest_pieces(text)}


def _longest_pieces(word: str) -> set[str]:
    if len(word) < 2:
        return {word}
    return {word[at : at + 2] for at in range(len(word) - 1)}
