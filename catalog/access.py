"""The only ways a view gets at a product."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.models import Product, ProductImage, ProductQuerySet, Variant
from common.prepared import Prepared, keep_related


def get_product_to_see(code: str) -> Product:
    """Return a product with what its page shows. 404 if there is none; paused and ended ones have their page."""
    product = _to_see.first(code)
    if product is None:
        raise Http404
    keep_related(product, "images", _images.rows(product.pk))
    keep_related(product, "variants", _variants.rows(product.pk))
    return product


_to_see = Prepared(
    lambda code: Product.objects.select_related("seller", "category", "shipping").filter(code=code)
)
_images = Prepared(lambda product: ProductImage.objects.filter(product=product))
_variants = Prepared(lambda product: Variant.objects.select_related("stock").filter(product=product))


def own_products(seller: User) -> ProductQuerySet:
    return Product.objects.filter(seller=seller)


def get_own_product(seller: User, code: str) -> Product:
    """Return the seller's own product. 404 for any other, so that codes tell nothing."""
    return get_object_or_404(
        own_products(seller)
        .select_related("category", "seller")
        .prefetch_related("images", "variants__stock"),
        code=code,
    )


def get_own_variant(seller: User, code: str) -> Variant:
    """Return a choice of one of the seller's own products. 404 for any other."""
    return get_object_or_404(
        Variant.objects.select_related("product", "stock").filter(product__seller=seller), code=code
    )
