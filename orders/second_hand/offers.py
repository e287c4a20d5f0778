"""Offers: a buyer and a seller agree on the price of one piece, each answering the other's last word.

Every change happens under the lock of the offer's row, which is taken before that of any checkout.
"""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product, Variant
from catalog.stock import OutOfStock
from common.errors import DomainError, IllegalMove
from orders.deals.coupons import use_again
from orders.holding import NotForSale, Wanted, check_for_sale, expire_hold, take_hold
from orders.models import Checkout, Evidence, Offer, OfferStep, ShippingAddress
from orders.paying import catch_up
from orders.pricing import PriceKind, price_of
from orders.second_hand.news import tell_about_offer

Status, Side = Offer.Status, Offer.Side

DEALS = (Product.Deal.SECOND_HAND, Product.Deal.DIRECT)
LEAST_PERCENT = 30
LEAST_WON = 100
"""What providers take at the least."""
MOST_UNANSWERED = 20
"""Offers a buyer may have running at once."""
MOST_STEPS = 20
"""Prices named in one offer."""

MOVES: dict[str, set[str]] = {
    Status.OPEN: {Status.ACCEPTED, Status.DECLINED, Status.WITHDRAWN, Status.LAPSED},
    Status.ACCEPTED: {Status.WITHDRAWN, Status.LAPSED},
    Status.DECLINED: set(),
    Status.WITHDRAWN: set(),
    Status.LAPSED: set(),
}
"""Accepted to withdrawn or lapsed: the buyer did not pay. What was paid stays accepted."""


class OfferRefused(DomainError):
    """This offer cannot be made so: no deal to bargain over, another price, or too many of them."""

    code = "offer_refused"


class NotYourTurn(DomainError):
    """Who named the present price waits for the other side."""

    code = "not_your_turn"


class OfferOver(DomainError):
    """The offer's time is over, or another price is on the table than the one that was seen."""

    code = "offer_over"


def bounds_of(variant: Variant) -> tuple[int, int]:
    """Return the least and the most won one may offer for a piece now. Select `product` with the variant."""
    price = price_of(variant, None, timezone.now()).unit
    return max(LEAST_WON, -(-price * LEAST_PERCENT // 100)), price


@transaction.atomic
def make_offer(variant_id: int, *, buyer: User, price: int, message: str = "") -> Offer:
    """Ask the seller for a piece at `price` won. Raises OfferRefused, NotForSale, OwnProduct."""
    User.objects.select_for_update().get(pk=buyer.pk)  # two tabs of one buyer must not make two offers
    variant = Variant.objects.select_related("product", "stock").get(pk=variant_id)
    _check_on_offer(variant, buyer)
    _check_bounds(variant, price)
    running = Offer.objects.filter(buyer=buyer).filter(running_at())
    if running.filter(variant=variant).exists():
        raise OfferRefused(_("이 상품에 보낸 제안이 아직 있어요. 내 제안에서 확인해 주세요."))
    if running.count() >= MOST_UNANSWERED:
        raise OfferRefused(
            _("제안은 한 번에 %(most)d개까지 할 수 있어요. 답을 기다려 주세요.") % {"most": MOST_UNANSWERED}
        )
    offer = Offer(variant=variant, buyer=buyer)
    _name_price(offer, Side.BUYER, price, message)
    return offer


@transaction.atomic
def counter_offer(offer_id: int, side: str, *, price: int, message: str = "") -> Offer:
    """Answer with a price that is better for oneself than the present one.

    Raises NotYourTurn, OfferOver, OfferRefused, NotForSale.
    """
    offer = lock_offer(offer_id)
    _check_turn(offer, side)
    variant = Variant.objects.select_related("product", "stock").get(pk=offer.variant_id)
    _check_on_offer(variant, offer.buyer)
    _check_bounds(variant, price)
    if side == Side.SELLER and price <= offer.price:
        raise OfferRefused(_("받은 금액보다 높게 적어 주세요. 그 금액이 좋다면 수락하면 돼요."))
    if side == Side.BUYER and price >= offer.price:
        raise OfferRefused(_("받은 금액보다 낮게 적어 주세요. 그 금액이 좋다면 수락하면 돼요."))
    if offer.steps.count() >= MOST_STEPS:
        raise OfferRefused(_("가격을 더 주고받을 수 없어요. 수락하거나 거절해 주세요."))
    _name_price(offer, side, price, message)
    return offer


@transaction.atomic
def accept_offer(offer_id: int, side: str, *, seen_price: int) -> Offer:
    """Take the price on the table; the buyer may then check out at it for settings.OFFER_HOURS.

    Raises NotYourTurn, OfferOver (also if the price is not `seen_price`), NotForSale.
    """
    offer = lock_offer(offer_id)
    if offer.status == Status.ACCEPTED:  # pressed twice
        return offer
    _check_turn(offer, side)
    if offer.price != seen_price:
        raise OfferOver(_("그사이 금액이 바뀌었어요. 새 금액을 확인해 주세요."))
    _check_on_offer(Variant.objects.select_related("product", "stock").get(pk=offer.variant_id), offer.buyer)
    offer.expires_at = timezone.now() + timedelta(hours=settings.OFFER_HOURS)
    offer.save(update_fields=["expires_at"])
    _move(offer, Status.ACCEPTED)
    return offer


@transaction.atomic
def decline_offer(offer_id: int, side: str) -> Offer:
    """Say no to the price on the table. Raises NotYourTurn, OfferOver."""
    offer = lock_offer(offer_id)
    if offer.status == Status.DECLINED:
        return offer
    _check_turn(offer, side)
    _move(offer, Status.DECLINED)
    return offer


@transaction.atomic
def withdraw_offer(offer_id: int) -> Offer:
    """The buyer does not want it any more, also after the seller's yes.

    Raises OfferOver while it is being paid or once it is paid, IllegalMove.
    """
    offer = lock_offer(offer_id)
    if offer.status == Status.WITHDRAWN:
        return offer
    if offer.checkout is not None and offer.checkout.status in (Checkout.Status.OPEN, Checkout.Status.PAID):
        raise OfferOver(_("결제 중이거나 결제한 상품이라 제안을 거둘 수 없어요."))
    _move(offer, Status.WITHDRAWN)
    return offer


def offer_of(checkout: Checkout) -> Offer | None:
    """Return the offer at whose price a checkout was held, also when it was held anew since."""
    if checkout.buyer_id is None:
        return None
    # One offer of a buyer and variant runs at a time, so it is the newest that there was.
    made = Offer.objects.filter(buyer=checkout.buyer_id, created_at__lte=checkout.created_at)
    offer = made.filter(variant__order_lines__order__checkout=checkout).first()
    return offer if offer is not None and _was_agreed(checkout) else None


def _was_agreed(checkout: Checkout) -> bool:
    """Whether its price was: who made an offer may have bought at the usual price all the same."""
    cards = Evidence.objects.filter(order__checkout=checkout).values_list("card", flat=True)
    return any(line.get("price_kind") == PriceKind.OFFER.value for card in cards for line in card["lines"])


def check_out(offer_id: int, *, address: ShippingAddress | None = None) -> Checkout:
    """Take the hold at the agreed price, or return the one that runs or was paid. The stock may be gone by now.

    If a hold ran out the buyer may take another until the offer's time is over; its coupon comes along.
    Raises OfferOver, NotForSale.
    """
    held = Offer.objects.select_related("checkout").get(pk=offer_id).checkout
    if held is not None:
        catch_up(held)  # the provider may know more than we do; never asked inside a transaction
    try:
        checkout = _check_out(offer_id, address)
    except OutOfStock as refusal:
        raise NotForSale(
            _("그사이 다른 분이 사 갔어요. 남은 수량이 생기면 다시 결제할 수 있어요.")
        ) from refusal
    if held is not None:
        use_again(checkout, held)
    return checkout


@transaction.atomic
def _check_out(offer_id: int, address: ShippingAddress | None) -> Checkout:
    offer = lock_offer(offer_id)
    held = offer.checkout
    if held is not None and held.is_overdue:
        expire_hold(held.pk)
    elif held is not None and held.status in (Checkout.Status.OPEN, Checkout.Status.PAID):
        return held
    if offer.status != Status.ACCEPTED or offer.expires_at <= timezone.now():
        raise OfferOver(_("이 가격으로 살 수 있는 시간이 지났어요. 다시 제안해 주세요."))
    wanted = Wanted(variant_id=offer.variant_id, quantity=1, seen_price=offer.price)
    agreed = {offer.variant_id: offer.price}
    # A key of its own each time: the lock of the offer is what makes two presses one hold.
    offer.checkout = take_hold(offer.buyer, [wanted], key=uuid4(), agreed=agreed, address=address)
    offer.save(update_fields=["checkout"])
    return offer.checkout


@transaction.atomic
def lapse_offer(offer_id: int) -> bool:
    """End an offer that nobody answered, or that was agreed and not paid, in time; whether it was so."""
    offer = lock_offer(offer_id)
    if not Offer.objects.filter(overdue_at(), pk=offer_id).exists():
        return False
    _move(offer, Status.LAPSED)
    return True


def running_at() -> Q:
    """Select offers that wait for an answer or for the buyer to pay."""
    return Q(status__in=(Status.OPEN, Status.ACCEPTED), expires_at__gt=timezone.now()) & ~Q(
        checkout__status=Checkout.Status.PAID
    )


def overdue_at() -> Q:
    """Select offers whose time is over; what is being paid, or was paid, is not among them."""
    return Q(status__in=(Status.OPEN, Status.ACCEPTED), expires_at__lte=timezone.now()) & ~Q(
        checkout__status__in=(Checkout.Status.OPEN, Checkout.Status.PAID)
    )


def lock_offer(offer_id: int) -> Offer:
    """Return the row, held until the transaction ends."""
    return Offer.objects.select_for_update().get(pk=offer_id)


def _check_turn(offer: Offer, side: str) -> None:
    if offer.status != Status.OPEN:
        raise OfferOver(_("이미 끝난 제안이에요."))
    if offer.expires_at <= timezone.now():
        raise OfferOver(_("답할 수 있는 시간이 지났어요."))
    if offer.by == side:
        raise NotYourTurn(_("상대방의 답을 기다리고 있어요."))


def _check_on_offer(variant: Variant, buyer: User) -> None:
    if variant.product.deal not in DEALS:
        raise OfferRefused(_("가격을 제안할 수 없는 상품이에요."))
    check_for_sale(buyer, variant, None)
    if variant.stock.left == 0:
        raise NotForSale(_("다 팔린 상품이에요."))


def _check_bounds(variant: Variant, price: int) -> None:
    least, most = bounds_of(variant)
    if not least <= price <= most:
        raise OfferRefused(
            _("%(least)s원부터 %(most)s원까지 제안할 수 있어요.")
            % {"least": f"{least:,}", "most": f"{most:,}"}
        )


def _name_price(offer: Offer, side: str, price: int, message: str) -> None:
    offer.by, offer.price, offer.message = side, price, message
    offer.expires_at = timezone.now() + timedelta(hours=settings.OFFER_HOURS)
    offer.save()
    OfferStep.objects.create(offer=offer, by=side, price=price, message=message)
    tell_about_offer(offer)


def _move(offer: Offer, to: str) -> None:
    """Make one allowed move of a locked offer."""
    if to not in MOVES[offer.status]:
        raise IllegalMove(offer.status, to)
    offer.status = to
    offer.save(update_fields=["status"])
    tell_about_offer(offer)
