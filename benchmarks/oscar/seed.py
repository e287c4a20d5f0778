"""Fill django-oscar's database: python -m benchmarks.oscar.seed --products N --stock N."""

import argparse
from decimal import Decimal

import django

BUYERS = 16
HOT = "HOT"
"""The UPC of the one product that everybody buys."""

_CATEGORIES = 12
_AT_ONCE = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=0)
    parser.add_argument("--stock", type=int, default=0)
    options = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    if options.products:
        _catalogue(options.products)
    if options.stock:
        _hot(options.stock)
        _buyers()


def _hot(pieces: int) -> None:
    """Have so many pieces of the hot product, and what ordering it takes."""
    from oscar.core.loading import get_model

    kind, _ = get_model("catalogue", "ProductClass").objects.get_or_create(
        name="Benchmark", defaults={"track_stock": True, "requires_shipping": True}
    )
    partner, _ = get_model("partner", "Partner").objects.get_or_create(name="Benchmark")
    hot, _ = get_model("catalogue", "Product").objects.get_or_create(
        upc=HOT, defaults={"title": "Wool jacket", "product_class": kind}
    )
    get_model("partner", "StockRecord").objects.update_or_create(
        product=hot,
        partner=partner,
        defaults={
            "partner_sku": HOT,
            "price": Decimal("12.90"),
            "num_in_stock": pieces,
            "num_allocated": 0,
        },
    )
    get_model("payment", "SourceType").objects.get_or_create(name="Sandbox")
    get_model("order", "PaymentEventType").objects.get_or_create(name="Paid")
    get_model("address", "Country").objects.get_or_create(
        iso_3166_1_a2="KR",
        defaults={"printable_name": "Korea", "name": "Korea", "is_shipping_country": True},
    )


def _buyers() -> None:
    from django.contrib.auth import get_user_model

    members = get_user_model()
    members.objects.bulk_create(
        [members(username=f"buyer{n}", email=f"buyer{n}@example.com", password="!") for n in range(BUYERS)],  # noqa: S106
        ignore_conflicts=True,
    )


def _catalogue(count: int) -> None:
    """Put products on the shelf, spread evenly over a few categories."""
    from oscar.core.loading import get_model

    Category, Product = get_model("catalogue", "Category"), get_model("catalogue", "Product")
    ProductCategory, StockRecord = (
        get_model("catalogue", "ProductCategory"),
        get_model("partner", "StockRecord"),
    )
    kind, _ = get_model("catalogue", "ProductClass").objects.get_or_create(
        name="Catalogue", defaults={"track_stock": True}
    )
    partner, _ = get_model("partner", "Partner").objects.get_or_create(name="Catalogue")
    categories = list(Category.objects.all()) or [
        Category.add_root(name=f"Category {n}") for n in range(_CATEGORIES)
    ]
    for begin in range(0, count, _AT_ONCE):
        numbers = range(begin, min(begin + _AT_ONCE, count))
        products = Product.objects.bulk_create(
            Product(
                upc=f"C{n}",
                title=f"Wool jacket {n}",
                slug=f"wool-jacket-{n}",
                product_class=kind,
                structure=Product.STANDALONE,
                description="Warm, light and made to last. " * 8,
            )
            for n in numbers
        )
        ProductCategory.objects.bulk_create(
            ProductCategory(product=product, category=categories[n % len(categories)])
            for n, product in zip(numbers, products, strict=True)
        )
        StockRecord.objects.bulk_create(
            StockRecord(
                product=product,
                partner=partner,
                partner_sku=f"C{n}",
                price=Decimal("12.90"),
                num_in_stock=100,
            )
            for n, product in zip(numbers, products, strict=True)
        )


if __name__ == "__main__":
    main()
