"""A running show with one product, a seller and a buyer: what the tests of buying begin with."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast
from catalog.models import Product, Stock, Variant
from orders.addressing import set_address
from orders.holding import Wanted, take_hold
from orders.models import Checkout, Order, Payment, SandboxPayment, ShippingAddress
from orders.paying import settle_payment, start_payment
from orders.payments.sandbox import press
from orders.pricing import items_for, price_of
from tests.makers import make_broadcast, make_member, make_product

ADDRESS = ShippingAddress(
    ship_name="김하늘",
    ship_phone="010-1234-5678",
    ship_postcode="04524",
    ship_address="서울 중구 세종대로 110",
    ship_address_detail="1층",
)
RETURN_URL = "http://testserver/back/{ref}/"


@dataclass
class Shop:
    seller: User
    buyer: User
    product: Product
    broadcast: Broadcast

    @property
    def variant(self) -> Variant:
        return self.product.variants.get()

    @property
    def left(self) -> int:
        return Stock.objects.get(variant__product=self.product).left

    def want(
        self, variant: Variant | None = None, quantity: int = 1, *, broadcast: Broadcast | None = None
    ) -> Wanted:
        """Say what a buyer wants who sees the price of now; in the shop's show unless another is given."""
        variant = variant or self.variant
        show = broadcast or self.broadcast
        item = items_for({variant.pk: show.pk}, [variant]).get(variant.pk)
        return Wanted(
            variant_id=variant.pk,
            quantity=quantity,
            seen_price=price_of(variant, item, timezone.now()).unit,
            broadcast_id=show.pk,
        )

    def hold(self, *wanted: Wanted, quantity: int = 1, **changes: Any) -> Checkout:
        """Take a hold of one line, or of what is wanted."""
        values = {"key": uuid4()} | changes
        buyer = values.pop("buyer", self.buyer)
        return take_hold(buyer, wanted or [self.want(quantity=quantity)], **values)

    def start(self, *wanted: Wanted, **changes: Any) -> tuple[Checkout, Payment]:
        """Take a hold, give an address and open its payment page."""
        checkout = self.hold(*wanted, **changes)
        set_address(checkout.pk, ADDRESS)
        start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
        return checkout, checkout.payments.get()

    def sell(self, *wanted: Wanted, **changes: Any) -> Order:
        """Return a paid order."""
        checkout, payment = self.start(*wanted, **changes)
        choose(payment, "succeed")
        settle_payment(payment.pk)
        return checkout.orders.get()


def open_shop(*, stock: int = 10, price: int = 12_900) -> Shop:
    seller, buyer = make_member(nickname="하늘상점"), make_member(nickname="구름")
    product = make_product(seller, stock=stock, price=price, name="울 자켓")
    broadcast = make_broadcast(seller, products=[product], status="live", started_at=timezone.now())
    return Shop(seller, buyer, product, broadcast)


def choose(payment: Payment, choice: str) -> None:
    """Press a button of the practice provider's page."""
    press(SandboxPayment.objects.get(ref=payment.ref), choice)


def let_time_run_out(checkout: Checkout) -> None:
    """Put the end of the checkout's time a second into the past, for us and for the provider."""
    over = timezone.now() - timedelta(seconds=1)
    Checkout.objects.filter(pk=checkout.pk).update(expires_at=over)
    refs = checkout.payments.values_list("ref", flat=True)
    SandboxPayment.objects.filter(ref__in=list(refs)).update(expires_at=over)
    checkout.refresh_from_db()


def log_of(order: Order) -> list[str]:
    return list(order.log.values_list("type", flat=True))
