"""A running show with one product, a seller and a buyer: what the tests of buying begin with."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast
from catalog.models import Product, Stock
from orders.actions import place_order
from orders.models import Order, Payment, SandboxPayment, ShippingAddress
from orders.paying import settle_payment, start_payment
from orders.payments.sandbox import press
from tests.makers import make_broadcast, make_member, make_product

ADDRESS = ShippingAddress(
    ship_name="김하늘",
    ship_phone="010-1234-5678",
    ship_postcode="04524",
    ship_address="서울 중구 세종대로 110",
    ship_address_detail="1층",
)
RETURN_URL = "http://testserver/back/"


@dataclass
class Shop:
    seller: User
    buyer: User
    product: Product
    broadcast: Broadcast

    @property
    def left(self) -> int:
        return Stock.objects.get(product=self.product).left

    def place(self, **changes: Any) -> Order:
        values = {
            "broadcast": self.broadcast,
            "product": self.product,
            "quantity": 1,
            "address": ADDRESS,
            "idempotency_key": uuid4(),
        } | changes
        return place_order(values.pop("buyer", self.buyer), **values)

    def start(self, **changes: Any) -> tuple[Order, Payment]:
        """Place an order and open its payment page."""
        order = self.place(**changes)
        start_payment(order, return_url=RETURN_URL)
        return order, order.payments.get()

    def sell(self, **changes: Any) -> Order:
        """Return a paid order."""
        order, payment = self.start(**changes)
        choose(payment, "succeed")
        settle_payment(payment.pk)
        order.refresh_from_db()
        return order


def open_shop(*, stock: int = 10, price: int = 12_900) -> Shop:
    seller, buyer = make_member(nickname="하늘상점"), make_member(nickname="구름")
    product = make_product(seller, stock=stock, price=price, name="울 자켓")
    broadcast = make_broadcast(seller, products=[product], status="live", started_at=timezone.now())
    return Shop(seller, buyer, product, broadcast)


def choose(payment: Payment, choice: str) -> None:
    """Press a button of the practice provider's page."""
    press(SandboxPayment.objects.get(ref=payment.ref), choice)


def let_time_run_out(order: Order) -> None:
    """Put the end of the order's time a second into the past, for us and for the provider."""
    over = timezone.now() - timedelta(seconds=1)
    Order.objects.filter(pk=order.pk).update(expires_at=over)
    SandboxPayment.objects.filter(ref=order.payments.get().ref).update(expires_at=over)
    order.refresh_from_db()


def log_of(order: Order) -> list[str]:
    return list(order.log.values_list("type", flat=True))
