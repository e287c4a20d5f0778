"""One member of django-oscar's shop who buys the hot product: python -m benchmarks.oscar.buyer NUMBER.

The road is the checkout's own: basket and line, offers, the checks of its pre-conditions, its payment port
(`handle_payment`, which a shop fills in) and `OrderPlacementMixin.place_order`. Only pages, session and mail are left
out, as they are of our side.
"""

import sys
from decimal import Decimal
from typing import Any

import django

from benchmarks.oscar.seed import HOT
from benchmarks.parts.buyers import SoldOut, serve

EFFECTS = (
    "basket with a line",
    "availability checked when put in and before the order",
    "address of the order, counted in the address book",
    "order with a line and its price",
    "stock allocated",
    "payment source with its transactions, payment event with its quantities",
    "basket closed",
    "statistics of product and member",
)


def main(number: int) -> None:
    django.setup()
    from django.contrib.auth import get_user_model
    from oscar.core.loading import get_model

    buyer = get_user_model().objects.get(username=f"buyer{number}")
    hot = get_model("catalogue", "Product").objects.get(upc=HOT)
    country = get_model("address", "Country").objects.get()
    source_type = get_model("payment", "SourceType").objects.get()

    serve(order=lambda: _order(buyer, hot, country, source_type))


def _order(buyer: Any, hot: Any, country: Any, source_type: Any) -> None:  # noqa: ANN401 set up only now
    from django.test import RequestFactory
    from oscar.core.loading import get_class, get_model

    ShippingAddress = get_model("order", "ShippingAddress")
    request = RequestFactory().post("/checkout/preview/")
    request.user = buyer
    strategy = get_class("partner.strategy", "Selector")().strategy(request=request, user=buyer)
    request.strategy = strategy
    basket = get_model("basket", "Basket").objects.create(owner=buyer)
    basket.strategy = strategy
    request.basket = basket

    stock = basket.get_stock_info(hot, [])
    if not stock.availability.is_purchase_permitted(1)[0]:
        basket.delete()
        raise SoldOut
    basket.add_product(hot, 1)
    get_class("offer.applicator", "Applicator")().apply(basket, buyer, request)
    for line in basket.all_lines():
        if not strategy.fetch_for_line(line).availability.is_purchase_permitted(line.quantity)[0]:
            raise SoldOut

    checkout = get_class("checkout.mixins", "OrderPlacementMixin")()
    checkout.request = request
    method = get_class("shipping.methods", "Free")()
    charge = method.calculate(basket)
    total = get_class("checkout.calculators", "OrderTotalCalculator")(request).calculate(basket, charge)
    basket.freeze()
    number = checkout.generate_order_number(basket)
    _pay(checkout, source_type, total.incl_tax)
    checkout.place_order(
        order_number=number,
        user=buyer,
        basket=basket,
        shipping_address=ShippingAddress(
            first_name="Haneul",
            last_name="Kim",
            line1="110 Sejong-daero",
            line4="Seoul",
            postcode="04524",
            country=country,
        ),
        shipping_method=method,
        shipping_charge=charge,
        order_total=total,
    )
    basket.submit()


def _pay(checkout: Any, source_type: Any, amount: Decimal) -> None:  # noqa: ANN401
    """Fill in `handle_payment` as the manual shows ("How to integrate payment"), with a provider that says yes."""
    from oscar.core.loading import get_model

    Source = get_model("payment", "Source")
    source = Source(source_type=source_type, currency="GBP", amount_allocated=amount, amount_debited=amount)
    source.create_deferred_transaction("Debit", amount, reference="sandbox", status="paid")
    checkout.add_payment_source(source)
    checkout.add_payment_event("Paid", amount, reference="sandbox")


if __name__ == "__main__":
    main(int(sys.argv[1]))
