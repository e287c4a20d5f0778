"""Writing what a plan says."""

from django.db import transaction

from accounts.models import User
from catalog.actions import NewVariant, VariantState, change_product, create_product
from catalog.models import Product
from catalog.studio.csv_plan import Plan, PlannedProduct


@transaction.atomic
def apply_plan(plan: Plan, seller: User) -> None:
    """Make the new products and change the known ones; all or nothing."""
    assert not plan.bad, "a plan with bad cells is shown, not written"  # noqa: S101
    for product in plan.new:
        _create(product, seller)
    for product in plan.changed:
        _change(product, seller)


def _create(planned: PlannedProduct, seller: User) -> None:
    variants = [
        NewVariant(
            values=variant.values,
            stock=variant.stock or 0,
            extra_price=variant.extra_price,
            active=variant.active,
        )
        for variant in planned.variants
    ]
    create_product(seller, variants=variants, **planned.fields)


def _change(planned: PlannedProduct, seller: User) -> None:
    product = planned.known
    assert isinstance(product, Product)  # noqa: S101 `Plan.changed` holds no other
    told = {variant.known.pk: variant for variant in planned.variants if variant.known}
    options = len(planned.fields.get("option_names", product.option_names))
    states = []
    for variant in product.variants.all():
        change = told.get(variant.pk)
        if change is None and len(variant.values) != options:
            continue  # of options that the product no longer has
        states.append(
            VariantState(
                code=variant.code,
                values=tuple(variant.values),
                extra_price=change.extra_price if change else variant.extra_price,
                active=change.active if change else variant.active,
            )
        )
    new = (variant for variant in planned.variants if variant.known is None)
    states += [
        VariantState(
            values=variant.values,
            extra_price=variant.extra_price,
            active=variant.active,
            incoming=variant.stock or 0,
        )
        for variant in new
    ]
    change_product(product.pk, by=seller, variants=states, **planned.fields)
