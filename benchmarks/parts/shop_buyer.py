"""One member of ours who buys the hot product: python -m benchmarks.parts.shop_buyer NUMBER."""

import sys
from io import BytesIO
from typing import Any
from uuid import uuid4

import django

from benchmarks.parts.buyers import SoldOut, serve
from benchmarks.parts.one_statement import OneStatement
from benchmarks.parts.shop_seed import HOT

EFFECTS = (
    "cart with a line",
    "price and availability checked when put in and before the order",
    "hold with a time to its end",
    "address of the order, with what sending there costs",
    "order with a line and its price",
    "stock taken, so that it cannot be sold twice",
    "evidence card of what was shown",
    "payment with its row at the provider, amount checked",
    "order paid, with a row of its log",
    "two rows of the ledger: payment and fee",
    "cart line gone",
    "news of what is left, and a mail for the buyer queued",
)


def main(number: int) -> None:
    django.setup()
    from django.core.handlers.wsgi import WSGIRequest
    from django.test import RequestFactory

    from accounts.models import User
    from catalog.models import Variant
    from orders.checkout.shed import answer_sold_out, start_path
    from orders.models import Cart

    buyer = User.objects.get(username=f"buyer{number}")
    variant = Variant.objects.select_related("product").get(product__name=HOT)
    cart, _ = Cart.objects.get_or_create(member=buyer)
    statement = OneStatement(variant)
    body = f"variant={variant.code}&quantity=1".encode()
    form = "application/x-www-form-urlencoded"
    environ = RequestFactory().post(start_path(), body, content_type=form).environ
    shed = answer_sold_out(lambda request: _refuse(buyer, variant))

    def ask() -> None:
        """Want what is sold out, as the web server hands it over, and be told so by the shed before the checkout."""
        answer = shed(WSGIRequest({**environ, "wsgi.input": BytesIO(body)}))
        assert answer.status_code == 409, answer

    serve(order=lambda: _order(buyer, cart, variant), ask=ask, limit=statement.run)


def _refuse(buyer: Any, variant: Any) -> Any:  # noqa: ANN401 Django is set up only in main()
    """What is behind the shed: the shelf itself says no, and that is noted for the next ones, as in the checkout."""
    from django.http import HttpResponse

    from catalog.stock import OutOfStock
    from orders.admission import mark_sold_out
    from orders.holding import Wanted, take_hold

    try:
        take_hold(buyer, [Wanted(variant_id=variant.pk, quantity=1, seen_price=12_900)], key=uuid4())
    except OutOfStock:
        mark_sold_out(variant.pk, variant.code)
        return HttpResponse(status=409)
    raise AssertionError("something was left")


def _order(buyer: Any, cart: Any, variant: Any) -> None:  # noqa: ANN401
    from catalog.stock import OutOfStock
    from orders.cart.actions import put_in
    from orders.holding import Wanted, take_hold
    from orders.models import ShippingAddress
    from orders.paying import settle_payment, start_payment
    from orders.payments.sandbox import press_for

    line = put_in(cart, variant, 1, broadcast=None)
    wanted = Wanted(variant_id=variant.pk, quantity=1, seen_price=line.seen_price)
    address = ShippingAddress(
        ship_name="김하늘",
        ship_phone="010-1234-5678",
        ship_postcode="04524",
        ship_address="서울 중구 세종대로 110",
    )
    try:
        checkout = take_hold(buyer, [wanted], key=uuid4(), from_cart=True, address=address)
    except OutOfStock as refusal:
        raise SoldOut from refusal
    page = start_payment(checkout.pk, method="sandbox", return_url="http://localhost/back/{ref}/")
    press_for(page.rstrip("/").rpartition("/")[2], "succeed")
    settle_payment(checkout.payments.get().pk)


if __name__ == "__main__":
    main(int(sys.argv[1]))
