"""Our shop with one product that everybody buys: python -m benchmarks.parts.shop_seed BUYERS."""

import sys

import django

HOT = "HOT"
"""The product's name."""


def main(buyers: int) -> None:
    django.setup()
    from accounts.models import User
    from catalog.actions import create_product
    from catalog.models import Category, ShippingRule

    names = ["seller", *(f"buyer{number}" for number in range(buyers))]
    seller, *_ = User.objects.bulk_create(
        User(username=name, nickname=name, name=name, email=f"{name}@example.com") for name in names
    )
    rule = ShippingRule.objects.create(seller=seller, name="택배", fee=3_000, free_from=50_000)
    category, _ = Category.objects.get_or_create(slug="benchmark", defaults={"name": "의류"})
    create_product(seller, stock=1, name=HOT, price=12_900, category=category, shipping=rule)


if __name__ == "__main__":
    main(int(sys.argv[1]))
