"""A member's coupons: claimed once each, kept for one checkout at a time, used when that is paid."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError
from orders.addressing import HoldOver, lock_open, recalculate
from orders.deals.discounts import discount_of, says
from orders.models import Checkout, Coupon, CouponClaim, Order, OrderLine


class NoSuchCoupon(DomainError):
    """No coupon has this code, or it does not begin yet, or it was stopped."""

    code = "no_such_coupon"


class CouponOver(DomainError):
    """Its time is over."""

    code = "coupon_over"


class CouponsGone(DomainError):
    """All of them were claimed."""

    code = "coupons_gone"


class CouponClaimed(DomainError):
    """The member has it already."""

    code = "coupon_claimed"


class CouponNotUsable(DomainError):
    """The coupon cannot be used for this checkout."""

    code = "coupon_not_usable"


@dataclass(frozen=True, kw_only=True)
class Usable:
    """A claim that a checkout may use, and what it would take off (won)."""

    claim: CouponClaim
    discount: int
    is_used: bool

    @property
    def says(self) -> str:
        return says(self.claim.coupon)


@transaction.atomic
def claim_coupon(member: User, code: str) -> CouponClaim:
    """Give a member their piece of a coupon; first come, first served.

    Raises NoSuchCoupon, CouponOver, CouponsGone, CouponClaimed. The count goes first: where a foreign key locks
    the row it points to (MySQL), two who insert first and count then would wait for each other.
    """
    now = timezone.now()
    coupon = Coupon.objects.filter(code=code.strip().upper()).first()
    if coupon is None or coupon.stopped_at or coupon.starts_at > now:
        raise NoSuchCoupon(_("없는 쿠폰이에요. 코드를 다시 확인해 주세요."))
    if coupon.ends_at <= now:
        raise CouponOver(_("기간이 끝난 쿠폰이에요."))
    claimed = CouponClaimed(_("이미 받은 쿠폰이에요. 결제할 때 쓸 수 있어요."))
    if CouponClaim.objects.filter(coupon=coupon, member=member).exists():
        raise claimed
    if not take_if_left(coupon.pk):
        raise CouponsGone(_("쿠폰이 모두 나갔어요."))
    try:
        with transaction.atomic():
            return CouponClaim.objects.create(coupon=coupon, member=member)
    except (
        IntegrityError
    ) as error:  # the same member's other tab was faster; its piece goes back with the rest
        raise claimed from error


def take_if_left(coupon_id: int) -> bool:
    """Take one if any is left, and say whether it was. This one statement is the guard."""
    return bool(Coupon.objects.filter(pk=coupon_id, left__gte=1).update(left=F("left") - 1))


def usable(checkout: Checkout) -> list[Usable]:
    """Return the buyer's coupons that take something off this checkout, the largest first; a guest has none."""
    if checkout.buyer_id is None:
        return []
    lines = _lines(checkout)
    now = timezone.now()
    found = []
    for claim in CouponClaim.objects.filter(member=checkout.buyer_id).select_related("coupon"):
        is_used = claim.checkout_id == checkout.pk
        if is_used or (claim.checkout_id is None and claim.coupon.counts_at(now)):
            discount = discount_of(claim.coupon, lines)
            if discount:
                found.append(Usable(claim=claim, discount=discount, is_used=is_used))
    return sorted(found, key=lambda one: (-one.discount, one.claim.pk))


@transaction.atomic
def apply_coupon(checkout_id: int, code: str) -> Checkout:
    """Use a coupon of the buyer's, instead of any other, for an open checkout. Raises HoldOver, CouponNotUsable.

    A payment that was started before has another amount and is not taken any more.
    """
    checkout = lock_open(checkout_id)
    claim = (
        CouponClaim.objects.select_for_update()
        .filter(coupon__code=code.strip().upper(), member=checkout.buyer_id)
        .first()
    )
    if claim is None:
        raise CouponNotUsable(_("받은 쿠폰이 아니에요."))
    if claim.checkout_id == checkout.pk:
        return checkout
    if claim.checkout_id is not None:
        raise CouponNotUsable(_("이미 쓴 쿠폰이거나, 다른 주문의 결제에 쓰고 있어요."))
    coupon = Coupon.objects.get(pk=claim.coupon_id)
    if not coupon.counts_at(timezone.now()):
        raise CouponNotUsable(_("기간이 끝난 쿠폰이에요."))
    if not discount_of(coupon, _lines(checkout)):
        raise CouponNotUsable(
            _("이 주문에는 쓸 수 없는 쿠폰이에요. 쓸 수 있는 상품과 최소 금액을 확인해 주세요.")
        )
    _release(checkout)
    CouponClaim.objects.filter(pk=claim.pk).update(checkout=checkout)
    recalculate(checkout)
    return checkout


@transaction.atomic
def remove_coupon(checkout_id: int) -> Checkout:
    """Take the coupon off an open checkout again, if it has one. Raises HoldOver."""
    checkout = lock_open(checkout_id)
    if _release(checkout):
        recalculate(checkout)
    return checkout


def use_again(checkout: Checkout, before: Checkout) -> None:
    """Give a hold that was taken anew the coupon of the one before it, unless it has one or that counts no more.

    Call it outside of the transaction that took the hold: claims are locked before stock.
    """
    if before.coupon is None or checkout.coupon_id is not None:
        return
    with suppress(HoldOver, CouponNotUsable):
        apply_coupon(checkout.pk, before.coupon.code)


@transaction.atomic
def give_back(order: Order) -> None:
    """A paid order was cancelled whole: its coupon may be used again, once no other order has a discount by it.

    Call it after the order's status was changed; a second time does no harm. Of two orders cancelled at once,
    whoever comes second waits here for the first.
    """
    claim = CouponClaim.objects.select_for_update().filter(checkout=order.checkout_id).first()
    if claim is None:
        return
    standing = Order.objects.filter(checkout=order.checkout_id, discount__gt=0)
    if not standing.exclude(status=Order.Status.CANCELLED).exists():
        CouponClaim.objects.filter(pk=claim.pk).update(checkout=None)


def _release(checkout: Checkout) -> int:
    return CouponClaim.objects.filter(checkout=checkout).update(checkout=None)


def _lines(checkout: Checkout) -> Sequence[OrderLine]:
    return list(OrderLine.objects.filter(order__checkout=checkout).select_related("product"))
