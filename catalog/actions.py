"""Every write to the catalog that means something."""

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from catalog.models import Category, Product, ProductImage, Stock


@transaction.atomic
def create_product(
    seller: User,
    *,
    name: str,
    price: int,
    category: Category,
    stock: int,
    description: str = "",
    image: ContentFile | None = None,
) -> Product:
    """Put a product with `stock` pieces on the shelf; `image` comes from `catalog.images.reencode`."""
    product = Product.objects.create(
        seller=seller, name=name, price=price, category=category, description=description
    )
    Stock.objects.create(product=product, left=stock)
    if image:
        ProductImage.objects.create(product=product, file=image)
    return product
