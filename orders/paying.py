"""Paying a checkout. The provider is the only witness of what was paid: nothing a browser says counts."""

import logging
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.deadlocks import again_after_deadlock
from common.errors import DomainError, ProviderError, ProviderRefused
from common.prepared import Prepared, PreparedDelete, insert
from orders import signals
from orders.holding import expire_hold
from orders.ledger import book_payment, book_refund, book_stray, book_tip
from orders.models import Cart, CartLine, Checkout, OrderLine, Payment, Refund
from orders.moves import PaymentStatus, close_locked, lock_checkout, move_payment
from orders.payments import fee_basis_points, payments
from orders.payments.base import Charge, Outcome, State

logger = logging.getLogger(__name__)

UNDECIDED = (PaymentStatus.STARTED, PaymentStatus.CANCELLED)
"""Such a payment may still turn out to have been made."""


class NotPayable(DomainError):
    """The checkout is not waiting for a payment."""

    code = "not_payable"


def start_payment(checkout_id: int, *, method: str, return_url: str) -> str:
    """Return the address of the provider's page. A second call goes on with the same payment while nothing changed.

    `return_url` has "{ref}" in the place of the payment's ref. Raises NotPayable, ProviderError.
    """
    payment = _payment_to_make(checkout_id, method)
    checkout = payment.checkout
    lines = _first_lines.rows(checkout.pk)
    buyer = lines[0].order.buyer if lines else checkout.buyer
    charge = Charge(
        ref=payment.ref,
        amount=payment.amount,
        order_name=_name_of(lines),
        return_url=return_url.replace("{ref}", payment.ref),
        started_at=payment.created_at,
        expires_at=checkout.expires_at,
        email=checkout.email or (buyer.email if buyer else ""),
    )
    started = payments(method).start(charge)
    if started.provider_ref and started.provider_ref != payment.provider_ref:
        Payment.objects.filter(pk=payment.pk, provider_ref="").update(provider_ref=started.provider_ref)
    return started.address


def _name_of(lines: Sequence[OrderLine]) -> str:
    """Return what a provider's page calls it, by the first two lines; a tip has none."""
    if not lines:
        return _("방송 후원")
    return lines[0].name if len(lines) == 1 else _("%(first)s 외") % {"first": lines[0].name}


@transaction.atomic
def _payment_to_make(checkout_id: int, method: str) -> Payment:
    checkout = lock_checkout(checkout_id)
    if not checkout.in_time(timezone.now()) or method not in settings.PAYMENTS:
        raise NotPayable(_("결제를 기다리는 주문이 아니에요."))
    payment = _newest_started.first(checkout.pk)
    if payment is None or (payment.amount, payment.method) != (checkout.total, method):
        payment = Payment(checkout=checkout, method=method, amount=checkout.total)
        insert(payment)
    payment.checkout = checkout
    return payment


_newest_started = Prepared(
    lambda checkout: Payment.objects.filter(checkout=checkout, status=PaymentStatus.STARTED).order_by("-pk")[
        :1
    ]
)
_first_lines = Prepared(
    lambda checkout: (
        OrderLine.objects.filter(order__checkout=checkout)
        .select_related("order__buyer")
        .only("name", "order__buyer__email")
        .order_by("pk")[:2]
    )
)


def confirm_payment(payment_id: int, returned: Mapping[str, str]) -> None:
    """The buyer's browser came back from the provider: take the money if it waits for our word, and settle.

    A payment whose checkout may not be paid any more, or costs another sum by now, is left untaken.
    Raises ProviderError: nothing is decided yet.
    """
    payment = Payment.objects.select_related("checkout").get(pk=payment_id)
    is_right = payment.amount == payment.checkout.total
    if payment.status == PaymentStatus.STARTED and is_right and payment.checkout.in_time(timezone.now()):
        provider = payments(payment.method)
        outcome = provider.confirm(payment.ref, payment.provider_ref, payment.amount, returned)
        _apply(payment, outcome)
    settle_payment(payment_id)


def settle_payment(payment_id: int) -> None:
    """Ask the provider what became of a payment and bring it and its checkout there.

    Safe to run any number of times, also at once. Of a cancelled payment the provider may have news too: its start
    was on the way when nobody knew it. Raises ProviderError: then nothing is decided yet.
    """
    payment = _with_checkout.get(payment_id)
    if payment.status in UNDECIDED:
        status = payment.status
        try:
            status = _apply(payment, _ask(payment))
        finally:
            if status in UNDECIDED:  # asked in vain: the others go first next time
                Payment.objects.filter(pk=payment_id).update(asked_at=timezone.now())
        if status == PaymentStatus.CONFIRMED:
            return
    for refund_id in payment.refunds.filter(status=Refund.Status.ASKED).values_list("pk", flat=True):
        settle_refund(refund_id)


_with_checkout = Prepared(lambda pk: Payment.objects.select_related("checkout").filter(pk=pk))
_by_id = Prepared(lambda pk: Payment.objects.filter(pk=pk))


def _ask(payment: Payment) -> Outcome:
    """Return what became of a payment. One that waits for its buyer in vain is first taken back."""
    provider = payments(payment.method)
    outcome = provider.look_up(payment.ref, payment.provider_ref)
    if outcome.state == State.WAITING and not _is_wanted(payment):
        provider.cancel(payment.ref, payment.provider_ref)
        outcome = provider.look_up(payment.ref, payment.provider_ref)
    return outcome


def _is_wanted(payment: Payment) -> bool:
    """Whether its checkout may still be paid with it and not with a newer one."""
    newer = Payment.objects.filter(checkout=payment.checkout_id, pk__gt=payment.pk).exists()
    return payment.checkout.in_time(timezone.now()) and not newer


@again_after_deadlock
@transaction.atomic
def _apply(seen: Payment, outcome: Outcome) -> str:
    """Bring a payment to what its provider says, and return its status; `seen` may be old by now."""
    if outcome.state == State.WAITING:
        return seen.status
    checkout = lock_checkout(seen.checkout_id)
    payment = _by_id.get(seen.pk)
    if payment.status in UNDECIDED:
        _decide(checkout, payment, outcome)
    return payment.status


def _decide(checkout: Checkout, payment: Payment, outcome: Outcome) -> None:
    in_time = checkout.in_time(timezone.now())  # by the clock, however late the periodic task is
    payment.provider_ref = outcome.provider_ref or payment.provider_ref
    given_up = payment.status == PaymentStatus.CANCELLED
    match outcome.state:
        case State.SUCCEEDED if in_time and not given_up and _is_right(checkout, payment, outcome):
            _take(checkout, payment, outcome)
        case State.SUCCEEDED:
            _send_back(checkout, payment, outcome, in_time=in_time)
        case _ if given_up:
            return
        case State.UNKNOWN if in_time:
            return  # its start may still be on the way
        case State.UNKNOWN | State.CANCELLED:
            _come_to_nothing(checkout, payment, PaymentStatus.CANCELLED, in_time=in_time)
        case State.FAILED:
            _come_to_nothing(checkout, payment, PaymentStatus.FAILED, in_time=in_time)


def _is_right(checkout: Checkout, payment: Payment, outcome: Outcome) -> bool:
    return outcome.currency == "KRW" and outcome.amount == payment.amount == checkout.total


def _take(checkout: Checkout, payment: Payment, outcome: Outcome) -> None:
    payment.paid = outcome.amount
    move_payment(payment, PaymentStatus.CONFIRMED)
    book_payment(payment, fee_basis_points=fee_basis_points(payment.method))
    if checkout.from_cart and checkout.buyer_id:
        _out_of_cart(checkout.buyer_id, checkout.pk)
    if not close_locked(checkout, Checkout.Status.PAID):
        book_tip(payment)
    transaction.on_commit(
        lambda: signals.checkout_paid.send_robust(Checkout, checkout_id=checkout.pk), robust=True
    )


_out_of_cart = PreparedDelete(
    lambda member, checkout: CartLine.objects.filter(
        cart__in=Cart.objects.filter(member=member).values("pk"),
        variant__in=OrderLine.objects.filter(order__checkout=checkout).values("variant"),
    )
)


def _come_to_nothing(checkout: Checkout, payment: Payment, to: str, *, in_time: bool) -> None:
    """End a payment, and its checkout with it.

    A provider's page closes at the time it was told: after an extension that says nothing about the buyer.
    """
    move_payment(payment, to)
    if not (in_time and to == PaymentStatus.CANCELLED and checkout.extended):
        _close(checkout, payment, to, in_time=in_time)


def _close(checkout: Checkout, payment: Payment, to: str, *, in_time: bool) -> None:
    """Give a checkout up with its payment, unless it is over already or the buyer is paying it otherwise."""
    newer = checkout.payments.filter(pk__gt=payment.pk).exists()
    if checkout.is_open and not (in_time and newer):
        close_locked(checkout, to if in_time else Checkout.Status.EXPIRED)


def _send_back(checkout: Checkout, payment: Payment, outcome: Outcome, *, in_time: bool) -> None:
    """Money came too late, twice or in a wrong amount: it goes back by itself, and staff are told."""
    payment.paid = outcome.amount
    facts = {"payment": payment.ref, "expected": payment.amount, "paid": outcome.amount}
    logger.error("stray payment", extra=facts | {"checkout": checkout.status, "currency": outcome.currency})
    move_payment(payment, PaymentStatus.STRAY)
    book_stray(payment)
    Refund.objects.create(payment=payment, amount=outcome.amount, reason=_("받을 수 없는 결제"))
    _close(checkout, payment, Checkout.Status.FAILED, in_time=in_time)
    transaction.on_commit(
        lambda: signals.payment_strayed.send_robust(Payment, payment_id=payment.pk), robust=True
    )


def settle_refund(refund_id: int) -> None:
    """Have the provider do a refund that was asked for. Raises ProviderError: then it is asked for again later."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != Refund.Status.ASKED:
        return
    Refund.objects.filter(pk=refund_id).update(asked_at=timezone.now())
    payment = refund.payment
    try:
        payments(payment.method).refund(
            payment.ref, payment.provider_ref, refund.amount, key=refund.key, reason=refund.reason
        )
    except ProviderRefused:
        Refund.objects.filter(pk=refund_id, status=Refund.Status.ASKED).update(status=Refund.Status.REFUSED)
        logger.exception("refund refused", extra={"refund": refund.key, "payment": payment.ref})
        signals.refund_refused.send_robust(Refund, refund_id=refund_id)
        return
    _note_refund(refund_id)


@transaction.atomic
def _note_refund(refund_id: int) -> None:
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.status != Refund.Status.ASKED:
        return
    Refund.objects.filter(pk=refund_id).update(status=Refund.Status.DONE, done_at=timezone.now())
    book_refund(refund)
    transaction.on_commit(lambda: signals.refund_done.send_robust(Refund, refund_id=refund_id), robust=True)


def catch_up(checkout: Checkout) -> None:
    """Bring a checkout to where it is by now, for a buyer who looks at it. A silent provider leaves it as it was."""
    for payment_id in checkout.payments.unsettled().values_list("pk", flat=True):
        try:
            settle_payment(payment_id)
        except ProviderError:
            logger.warning("payment not settled", exc_info=True, extra={"checkout": checkout.pk})
    if checkout.is_overdue:
        expire_hold(checkout.pk)
    checkout.refresh_from_db()
