"""Every write to the catalog that means something."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from catalog.models import Product, ProductImage, Stock, StockMovement, Variant
from catalog.search import index_text
from catalog.stock import move_stock


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
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class VariantState:
    """How a choice of the options shall be after an edit."""

    code: str = ""
    """Of the variant that is meant; "" for one that the product may not have yet."""
    values: tuple[str, ...] = ()
    extra_price: int = 0
    active: bool = True
    incoming: int = 0
    """Pieces that come in with a variant that was not offered before. What is offered already moves its stock apart."""


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
    set_pictures(product, [image] if image else images)
    return product


@transaction.atomic
def change_product(
    product_id: int,
    *,
    by: User,
    variants: Sequence[VariantState] | None = None,
    pictures: Sequence[StoredImage | int] | None = None,
    **fields: Any,
) -> None:
    """Change columns of a product; also its choices and its pictures, if they are given whole and in order.

    Lines of orders keep what they were bought as. A choice that is not named is no longer offered, but keeps its
    stock and its history. A picture is a new one or the id of one that the product has; the others go.
    """
    Product.objects.select_for_update().get(pk=product_id)  # by itself: MariaDB knows no FOR UPDATE OF
    product = Product.objects.select_related("seller", "category").get(pk=product_id)
    for name, value in fields.items():
        setattr(product, name, value)
    product.search_text = index_text(product)
    product.save(update_fields=[*fields, "search_text"])
    if pictures is not None:
        set_pictures(product, pictures)
    if variants is not None:
        _set_variants(product, variants, by=by)


@transaction.atomic
def add_variant(product: Product, new: NewVariant, *, position: int, by: User) -> Variant:
    """Offer one more choice of a product's options."""
    variant = Variant.objects.create(
        product=product,
        values=list(new.values),
        name=Variant.name_of(new.values),
        extra_price=new.extra_price,
        position=position,
        active=new.active,
    )
    Stock.objects.create(variant=variant, left=new.stock)
    if new.stock:
        StockMovement.objects.create(
            variant=variant, kind=StockMovement.Kind.OPENING, quantity=new.stock, by=by
        )
    return variant


def set_pictures(product: Product, pictures: Sequence[StoredImage | int]) -> None:
    """Give a product these pictures, in this order; an int is the id of one that it has."""
    had = {image.pk: image for image in product.images.all()}
    product.images.exclude(pk__in=[picture for picture in pictures if isinstance(picture, int)]).delete()
    for position, picture in enumerate(pictures):
        if isinstance(picture, StoredImage):
            ProductImage.objects.create(
                product=product,
                file=picture.name,
                width=picture.width,
                height=picture.height,
                position=position,
            )
        elif picture in had:
            ProductImage.objects.filter(pk=picture).update(position=position)


def _set_variants(product: Product, states: Sequence[VariantState], *, by: User) -> None:
    variants = list(product.variants.all())
    meant = _meant(variants, states)
    _free_names(meant, states)
    incoming: dict[int, int] = {}
    for position, (variant, state) in enumerate(zip(meant, states, strict=True)):
        if variant is None:
            new = NewVariant(values=state.values, stock=state.incoming, extra_price=state.extra_price)
            variant = add_variant(product, new, position=position, by=by)
        elif state.incoming and not variant.active:
            incoming[variant.pk] = state.incoming
        variant.values, variant.name = list(state.values), Variant.name_of(state.values)
        variant.extra_price, variant.active, variant.position = state.extra_price, state.active, position
        variant.save(update_fields=["values", "name", "extra_price", "active", "position"])
    named = {variant.pk for variant in meant if variant}
    left_out = [variant.pk for variant in variants if variant.pk not in named]
    product.variants.filter(pk__in=left_out).update(active=False)
    for pk in sorted(incoming):  # stock last, in the order in which everybody takes it
        move_stock(pk, incoming[pk], kind=StockMovement.Kind.RECEIVED, by=by)


def _meant(variants: list[Variant], states: Sequence[VariantState]) -> list[Variant | None]:
    """Say which variant each state is about: by its code, else by its name if no other state has that one's code."""
    by_code = {variant.code: variant for variant in variants}
    taken = {state.code for state in states}
    by_name = {variant.name: variant for variant in variants if variant.code not in taken}
    return [by_code.get(state.code) or by_name.get(Variant.name_of(state.values)) for state in states]


def _free_names(meant: list[Variant | None], states: Sequence[VariantState]) -> None:
    """Let variants that get another name give up theirs first: two may swap, and names are unique."""
    for variant, state in zip(meant, states, strict=True):
        if variant and Variant.name_of(state.values) != variant.name:
            Variant.objects.filter(pk=variant.pk).update(name=f"\u2026{variant.code}")
