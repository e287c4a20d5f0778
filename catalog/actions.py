"""Every write to the catalog that means something."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from catalog.models import Product, ProductImage, Stock, StockMovement, Variant
from catalog.search import index_text


@dataclass(frozen=True, kw_only=True)
class StoredImage:
    """A picture that lies in the default storage already, re-encoded by us; sides in pixels."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class NewVariant:
    """One choice of the options, and how many of it there are at first."""

    values: tuple[str, ...] = ()
    stock: int
    extra_price: int = 0
    """Won on top of the product's price."""


@transaction.atomic
def create_product(
    seller: User,
    *,
    stock: int = 0,
    variants: Sequence[NewVariant] = (),
    images: Sequence[StoredImage] = (),
    image: StoredImage | None = None,
    **fields: Any,
) -> Product:
    """Put a product on the shelf: `stock` pieces, or with `option_names` the `variants`.

    `fields` are columns of Product: name, price (won) and category at least.
    """
    product = Product(seller=seller, **fields)
    product.search_text = index_text(product)
    product.save()
    for position, new in enumerate(variants or [NewVariant(stock=stock)]):
        add_variant(product, new, position=position, by=seller)
    for position, picture in enumerate([image] if image else images):
        ProductImage.objects.create(
            product=product,
            file=picture.name,
            width=picture.width,
            height=picture.height,
            position=position,
        )
    return product


@transaction.atomic
def add_variant(product: Product, new: NewVariant, *, position: int, by: User) -> Variant:
    """Offer one more choice of a product's options."""
    variant = Variant.objects.create(
        product=product,
        values=list(new.values),
        name=Variant.name_of(new.values),
        extra_price=new.extra_price,
        position=position,
    )
    Stock.objects.create(variant=variant, left=new.stock)
    if new.stock:
        StockMovement.objects.create(
            variant=variant, kind=StockMovement.Kind.OPENING, quantity=new.stock, by=by
        )
    return variant
