"""Finding products by words."""

from catalog.models import Product


def index_text(product: Product) -> str:
    """Return what a product is found by: its name without case and spaces."""
    return "".join(product.name.lower().split())
