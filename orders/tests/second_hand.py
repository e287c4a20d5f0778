"""A second-hand product with a buyer, and a direct deal that is paid: what the tests of second-hand begin with."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from catalog.models import Product, Variant
from orders.holding import Wanted, take_hold
from orders.models import Checkout, Meeting, Offer, Order
from orders.paying import settle_payment, start_payment
from orders.second_hand.codes import code_of
from orders.second_hand.meetings import agree_meeting, propose_meeting
from orders.second_hand.offers import make_offer
from orders.tests.shop import RETURN_URL, choose
from tests.makers import make_member, make_product

PRICE = 10_000


@dataclass
class Stall:
    seller: User
    buyer: User
    product: Product

    @property
    def variant(self) -> Variant:
        return Variant.objects.select_related("product").get(product=self.product.pk)

    def offer(self, price: int = 8_000, *, buyer: User | None = None) -> Offer:
        return make_offer(self.variant.pk, buyer=buyer or self.buyer, price=price)

    def sell(self) -> Order:
        """Return a paid order at the full price."""
        wanted = Wanted(variant_id=self.variant.pk, quantity=1, seen_price=PRICE)
        return pay(take_hold(self.buyer, [wanted], key=uuid4()))


NEXT_DOOR = ("건너편상점", "바람")
"""Names for a second stall in the same test."""


def open_stall(
    *, stock: int = 1, deal: str = Product.Deal.DIRECT, names: tuple[str, str] = ("골목상점", "구름")
) -> Stall:
    seller, buyer = (make_member(nickname=name) for name in names)
    product = make_product(seller, stock=stock, price=PRICE, name="오래된 카메라", deal=deal)
    return Stall(seller, buyer, product)


def pay(checkout: Checkout) -> Order:
    """Pay a checkout at the practice provider and return its one order."""
    start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
    payment = checkout.payments.get()
    choose(payment, "succeed")
    settle_payment(payment.pk)
    return checkout.orders.get()


def meet(order: Order, *, hours: float = 24) -> Meeting:
    """Let seller and buyer agree on a meeting so many hours from now; negative ones are moved there afterwards."""
    at = timezone.now() + timedelta(hours=max(hours, 1))
    propose_meeting(order.pk, "seller", place="합정역 3번 출구", at=at, by=order.seller)
    agree_meeting(order.pk, "buyer", seen_at=at, by=order.buyer)
    Meeting.objects.filter(order=order).update(at=timezone.now() + timedelta(hours=hours))
    return Meeting.objects.get(order=order)


def code_for(order: Order) -> str:
    return code_of(order, Meeting.objects.get(order=order).code_digest)


def wrong_code_for(order: Order) -> str:
    return f"{(int(code_for(order)) + 1) % 1_000_000:06}"
