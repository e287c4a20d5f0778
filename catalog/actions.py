"""Every write to the catalog that means something."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from catalog.models import Category, Product, ProductImage, Stock


@dataclass(frozen=True, kw_only=True)
class StoredImage:
    """A picture that lies in the default storage already, re-encoded by us; sides in pixels."""

    name: str
    width: int
    height: int


@transaction.atomic
def create_product(
    seller: User,
    *,
    name: str,
    price: int,
    category: Category,
    stock: int,
    description: str = "",
    image: StoredImage | None = None,
) -> Product:
    """Put a product with `stock` pieces on the shelf."""
    product = Product.objects.create(
        seller=seller, name=name, price=price, category=category, description=description
    )
    Stock.objects.create(product=product, left=stock)
    if image:
        ProductImage.objects.create(product=product, file=image.name, width=image.width, height=image.height)
    return product
