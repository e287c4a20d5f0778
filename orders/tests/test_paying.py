import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from common.errors import IllegalMove, ProviderError, ProviderRefused
from orders import paying, signals, sweeps, tasks
from orders.addressing import HoldOver, set_address
from orders.holding import Wanted, cancel_hold, expire_hold, extend_hold
from orders.models import (
    Cart,
    CartLine,
    Checkout,
    Order,
    Payment,
    Refund,
    SandboxPayment,
    SandboxRefund,
    Transfer,
)
from orders.moves import MOVES, PAYMENT_MOVES, move_order, move_payment
from orders.paying import NotPayable, catch_up, confirm_payment, settle_payment, settle_refund, start_payment
from orders.payments.base import Outcome, State
from orders.payments.sandbox import WRONG_BY, SandboxPayments
from orders.tests.shop import ADDRESS, RETURN_URL, choose, let_time_run_out, log_of
from tests.makers import make_member, make_product

Status = Order.Status


def ends_of(checkout: Checkout) -> tuple[str, str, str]:
    """Where a checkout, its one order and its last payment are."""
    checkout.refresh_from_db()
    payment = checkout.payments.order_by("pk").last()
    return checkout.status, checkout.orders.get().status, payment.status


def again(checkout: Checkout) -> Payment:
    """Open another payment page, and return its payment."""
    start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
    return checkout.payments.order_by("pk").last()


def booked() -> list[tuple[str, str, str, int]]:
    return list(Transfer.objects.order_by("pk").values_list("kind", "debit", "credit", "amount"))


@pytest.fixture
def strays():
    """Collect what staff are told about."""
    news = []

    def note(*, payment_id, **kwargs):
        news.append(payment_id)

    signals.payment_strayed.connect(note)
    yield news
    signals.payment_strayed.disconnect(note)


def test_a_success_pays_the_checkout_and_its_orders(shop):
    checkout, payment = shop.start()
    choose(payment, "succeed")
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("paid", "paid", "confirmed")
    payment.refresh_from_db()
    order = checkout.orders.get()
    assert None not in (order.paid_at, checkout.closed_at, payment.confirmed_at)
    assert payment.provider_ref == f"sandbox-{SandboxPayment.objects.get().pk}"
    assert payment.paid == payment.amount == checkout.total
    assert log_of(order) == ["order.paid"]
    assert booked() == [
        ("payment", "provider", "held", 12_900),
        ("payment_fee", "fees", "provider", 374),  # 2.9 % of 12,900 is 374.1
    ]
    assert shop.left == 9


def test_one_payment_pays_the_orders_of_all_sellers(shop):
    other = make_product(make_member(), price=5_000).variants.get()
    checkout, payment = shop.start(shop.want(), Wanted(variant_id=other.pk, quantity=2, seen_price=5_000))
    choose(payment, "succeed")
    settle_payment(payment.pk)
    assert sorted(checkout.orders.values_list("status", "total")) == [("paid", 10_000), ("paid", 12_900)]
    assert booked()[0] == ("payment", "provider", "held", 22_900)


def test_who_listens_hears_of_it_after_the_commit(shop, django_capture_on_commit_callbacks):
    news = []

    def note(*, checkout_id, **kwargs):
        news.append(checkout_id)

    signals.checkout_paid.connect(note)
    try:
        checkout, payment = shop.start()
        choose(payment, "succeed")
        with django_capture_on_commit_callbacks(execute=True):
            settle_payment(payment.pk)
            assert news == []
            settle_payment(payment.pk)
    finally:
        signals.checkout_paid.disconnect(note)
    assert news == [checkout.pk]


def test_settling_again_changes_nothing(shop):
    order = shop.sell()
    paid_at, books = order.paid_at, booked()
    for _ in range(3):
        settle_payment(order.checkout.payments.get().pk)
    order.refresh_from_db()
    assert (order.paid_at, booked(), log_of(order)) == (paid_at, books, ["order.paid"])


@pytest.mark.parametrize("choice", ["fail", "cancel"])
def test_what_comes_to_nothing_gives_the_stock_back_once(shop, choice):
    end = {"fail": "failed", "cancel": "cancelled"}[choice]
    checkout, payment = shop.start(quantity=4)
    assert shop.left == 6
    choose(payment, choice)
    for _ in range(2):
        settle_payment(payment.pk)
    assert ends_of(checkout) == (end, end, end)
    assert checkout.orders.get().closed_at is not None
    assert (shop.left, booked()) == (10, [])


def test_an_open_payment_leaves_the_checkout_waiting(shop):
    checkout, payment = shop.start()
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("open", "placed", "started")


def test_a_slow_payment_is_settled_when_its_outcome_is_known(shop):
    checkout, payment = shop.start()
    choose(payment, "slow")
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("open", "placed", "started")
    SandboxPayment.objects.update(known_at=timezone.now())
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("paid", "paid", "confirmed")


def test_the_return_page_takes_the_money_and_settles(shop):
    checkout, payment = shop.start()
    choose(payment, "succeed")
    for _ in range(2):
        confirm_payment(payment.pk, {})
    assert ends_of(checkout) == ("paid", "paid", "confirmed")


def test_the_provider_is_not_told_to_take_what_came_back_late(shop, monkeypatch):
    checkout, payment = shop.start()
    let_time_run_out(checkout)
    monkeypatch.setattr(SandboxPayments, "confirm", None)
    confirm_payment(payment.pk, {})
    assert ends_of(checkout) == ("expired", "expired", "cancelled")


def test_what_was_bought_leaves_the_members_cart_and_nothing_else(shop):
    other = make_product(shop.seller).variants.get()
    for member in (shop.buyer, make_member()):
        cart = Cart.objects.create(member=member)
        for variant in (shop.variant, other):
            CartLine.objects.create(cart=cart, variant=variant, quantity=1, seen_price=1)
    shop.sell()
    assert CartLine.objects.count() == 4
    shop.sell(from_cart=True)
    assert list(shop.buyer.cart.lines.values_list("variant", flat=True)) == [other.pk]
    assert CartLine.objects.count() == 3


def test_a_wrong_amount_goes_back_and_staff_are_told(
    shop, strays, caplog, django_capture_on_commit_callbacks
):
    checkout, payment = shop.start()
    choose(payment, "wrong")
    with caplog.at_level(logging.ERROR), django_capture_on_commit_callbacks(execute=True):
        settle_payment(payment.pk)
    assert ends_of(checkout) == ("failed", "failed", "stray")
    paid = checkout.total - WRONG_BY
    assert SandboxRefund.objects.get().amount == paid
    assert booked() == [("stray", "provider", "held", paid), ("refund", "held", "provider", paid)]
    assert (shop.left, strays) == (10, [payment.pk])
    assert [record.message for record in caplog.records] == ["stray payment"]


def test_another_currency_is_a_wrong_amount(shop, monkeypatch):
    checkout, payment = shop.start()
    outcome = Outcome(state=State.SUCCEEDED, amount=checkout.total, currency="JPY")
    monkeypatch.setattr(SandboxPayments, "look_up", lambda *args: outcome)
    monkeypatch.setattr(SandboxPayments, "refund", lambda *args, **kwargs: None)
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("failed", "failed", "stray")
    assert Refund.objects.get().status == "done"


def test_a_success_after_the_time_goes_back_though_no_sweep_ran(shop):
    checkout, payment = shop.start()
    choose(payment, "succeed")
    let_time_run_out(checkout)
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("expired", "expired", "stray")
    assert checkout.orders.get().paid_at is None
    assert SandboxRefund.objects.get().amount == checkout.total
    assert shop.left == 10


def test_time_is_over_for_a_payment_exactly_at_its_end(shop, monkeypatch):
    (early, first), (late, second) = shop.start(), shop.start()
    Checkout.objects.filter(pk=late.pk).update(expires_at=early.expires_at)
    for payment in (first, second):
        choose(payment, "succeed")
    moment = early.expires_at
    monkeypatch.setattr(timezone, "now", lambda: moment - timedelta(microseconds=1))
    settle_payment(first.pk)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    settle_payment(second.pk)
    assert (ends_of(early)[0], ends_of(late)[0]) == ("paid", "expired")


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_a_success_after_the_checkout_ended_goes_back(shop, end):
    checkout, payment = shop.start()
    choose(payment, "succeed")
    if end == "expired":
        let_time_run_out(checkout)
        assert expire_hold(checkout.pk)
    else:
        cancel_hold(checkout.pk, by=shop.buyer)
    settle_payment(payment.pk)
    assert ends_of(checkout) == (end, end, "stray")
    assert (shop.left, SandboxRefund.objects.count()) == (10, 1)


def test_money_that_comes_twice_goes_back_once(shop):
    checkout, first = shop.start()
    Payment.objects.filter(pk=first.pk).update(amount=1)  # so that the next page gets a payment of its own
    second = again(checkout)
    Payment.objects.filter(pk=first.pk).update(amount=checkout.total)
    for payment in (first, second):
        choose(payment, "succeed")
    for payment in (second, first, first):
        settle_payment(payment.pk)
    assert checkout.payments.order_by("pk").values_list("status", flat=True)[0] == "stray"
    assert ends_of(checkout) == ("paid", "paid", "confirmed")
    assert SandboxRefund.objects.get().payment.ref == first.ref
    assert shop.left == 9


def test_money_for_a_payment_that_nobody_knew_goes_back(shop):
    """The call that started it was on its way when the provider was asked, and arrived after all."""
    checkout, payment = shop.start()
    SandboxPayment.objects.all().delete()
    let_time_run_out(checkout)
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("expired", "expired", "cancelled")
    later = timezone.now() + timedelta(minutes=5)
    SandboxPayment.objects.create(ref=payment.ref, amount=payment.amount, expires_at=later)
    choose(payment, "succeed")
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("expired", "expired", "stray")
    assert (SandboxRefund.objects.count(), shop.left) == (1, 10)


def test_a_cancelled_payment_that_stays_so_is_left_alone(shop):
    checkout, payment = shop.start()
    choose(payment, "cancel")
    for _ in range(3):
        settle_payment(payment.pk)
    assert ends_of(checkout) == ("cancelled", "cancelled", "cancelled")


def test_a_newer_attempt_protects_the_checkout(shop):
    checkout, first = shop.start()
    set_address(checkout.pk, ADDRESS)
    Payment.objects.filter(pk=first.pk).update(amount=1)  # the page was opened for another sum
    second = again(checkout)
    assert (second.pk, second.amount) != (first.pk, 1)
    choose(first, "fail")
    settle_payment(first.pk)
    assert ends_of(checkout) == ("open", "placed", "started")
    choose(second, "succeed")
    settle_payment(second.pk)
    assert ends_of(checkout) == ("paid", "paid", "confirmed")


def test_an_old_sum_that_is_paid_goes_back_and_the_newer_attempt_goes_on(shop):
    checkout, first = shop.start()
    SandboxPayment.objects.update(amount=1)
    Payment.objects.filter(pk=first.pk).update(amount=1)
    second = again(checkout)
    choose(first, "succeed")
    settle_payment(first.pk)
    assert ends_of(checkout) == ("open", "placed", "started")
    choose(second, "succeed")
    settle_payment(second.pk)
    assert ends_of(checkout) == ("paid", "paid", "confirmed")
    assert SandboxRefund.objects.get().amount == 1


def test_a_second_page_goes_on_with_the_same_payment(shop):
    checkout, payment = shop.start()
    assert again(checkout) == payment
    assert (Payment.objects.count(), SandboxPayment.objects.count()) == (1, 1)


def test_after_an_extension_a_closed_page_does_not_end_the_hold(shop):
    checkout, payment = shop.start()
    extend_hold(checkout.pk)
    SandboxPayment.objects.update(expires_at=timezone.now())
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("open", "placed", "cancelled")
    second = again(checkout)
    choose(second, "succeed")
    settle_payment(second.pk)
    assert ends_of(checkout) == ("paid", "paid", "confirmed")


def test_a_refund_that_failed_is_tried_again(shop, monkeypatch):
    checkout, payment = shop.start()
    choose(payment, "succeed")
    cancel_hold(checkout.pk, by=shop.buyer)

    def down(self, *args, **kwargs):
        raise ProviderError("down")

    with monkeypatch.context() as broken:
        broken.setattr(SandboxPayments, "refund", down)
        with pytest.raises(ProviderError):
            settle_payment(payment.pk)
    assert (ends_of(checkout)[2], Refund.objects.get().status) == ("stray", "asked")
    assert sweeps.settle_refunds() == 0  # it was asked for a moment ago
    Refund.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert sweeps.settle_refunds() == 1
    assert Refund.objects.get().status == "done"
    assert sweeps.settle_refunds() == 0


def test_a_refund_that_is_refused_is_for_staff(shop, monkeypatch, caplog):
    checkout, payment = shop.start()
    choose(payment, "succeed")
    cancel_hold(checkout.pk, by=shop.buyer)

    def refuse(self, *args, **kwargs):
        raise ProviderRefused("no")

    monkeypatch.setattr(SandboxPayments, "refund", refuse)
    with caplog.at_level(logging.ERROR):
        settle_payment(payment.pk)
    assert Refund.objects.get().status == "refused"
    assert "refund refused" in [record.message for record in caplog.records]
    assert [kind for kind, *_ in booked()] == ["stray"]


def test_a_refund_whose_answer_was_lost_is_made_and_booked_once(shop, monkeypatch):
    _checkout, payment = shop.start()
    choose(payment, "wrong")
    with monkeypatch.context() as broken:
        broken.setattr(paying, "_note_refund", None)
        with pytest.raises(TypeError):
            settle_payment(payment.pk)
    refund = Refund.objects.get()
    assert (refund.status, SandboxRefund.objects.count()) == ("asked", 1)
    for _ in range(2):
        settle_refund(refund.pk)
    assert [kind for kind, *_ in booked()] == ["stray", "refund"]
    assert SandboxRefund.objects.count() == 1


def test_a_provider_that_does_not_answer_decides_nothing(shop, monkeypatch):
    checkout, payment = shop.start()
    choose(payment, "succeed")

    def down(self, *args):
        raise ProviderError("down")

    with monkeypatch.context() as broken:
        broken.setattr(SandboxPayments, "look_up", down)
        with pytest.raises(ProviderError):
            settle_payment(payment.pk)
        catch_up(checkout)
    assert ends_of(checkout) == ("open", "placed", "started")
    catch_up(checkout)
    assert checkout.status == "paid"


def test_who_looks_at_an_overdue_checkout_sees_its_end(shop):
    checkout = shop.hold()
    let_time_run_out(checkout)
    catch_up(checkout)
    assert (checkout.status, shop.left) == ("expired", 10)


def test_a_payment_whose_start_never_arrived_ends_with_its_checkout(shop, monkeypatch):
    checkout = shop.hold()

    def down(self, charge):
        raise ProviderError("down")

    with monkeypatch.context() as broken:
        broken.setattr(SandboxPayments, "start", down)
        with pytest.raises(ProviderError):
            start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
    payment = checkout.payments.get()
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("open", "placed", "started")
    cancel_hold(checkout.pk, by=shop.buyer)
    settle_payment(payment.pk)
    assert ends_of(checkout) == ("cancelled", "cancelled", "cancelled")


def test_a_paid_checkout_is_neither_cancelled_nor_expired(shop):
    checkout = shop.sell().checkout
    with pytest.raises(IllegalMove):
        cancel_hold(checkout.pk, by=shop.buyer)
    Checkout.objects.filter(pk=checkout.pk).update(expires_at=timezone.now() - timedelta(days=1))
    assert not expire_hold(checkout.pk)
    assert sweeps.expire_holds() == 0
    assert ends_of(checkout) == ("paid", "paid", "confirmed")
    assert shop.left == 9


@pytest.mark.parametrize("before", Status.values)
@pytest.mark.parametrize("after", Status.values)
def test_only_the_moves_of_the_table_are_made(shop, before, after):
    order = shop.hold().orders.get()
    Order.objects.filter(pk=order.pk).update(status=before)
    if before == after:
        assert move_order(order.pk, after) is False
    elif after in MOVES[before] and before != Status.PLACED:  # what was not paid moves with its checkout
        assert move_order(order.pk, after) is True
        assert order.log.last().before == before
    else:
        with pytest.raises(IllegalMove):
            move_order(order.pk, after)
        order.refresh_from_db()
        assert order.status == before


@pytest.mark.parametrize("before", Payment.Status.values)
@pytest.mark.parametrize("after", Payment.Status.values)
def test_only_the_moves_of_the_payments_table_are_made(shop, before, after):
    payment = Payment.objects.create(checkout=shop.hold(), method="sandbox", amount=1, status=before)
    if after in PAYMENT_MOVES[before]:
        move_payment(payment, after)
    else:
        with pytest.raises(IllegalMove):
            move_payment(payment, after)
    payment.refresh_from_db()
    assert payment.status == (after if after in PAYMENT_MOVES[before] else before)


def test_a_checkout_that_is_over_cannot_be_paid_or_changed(shop):
    over, paid = shop.hold(), shop.sell().checkout
    let_time_run_out(over)
    for checkout in (over, paid):
        with pytest.raises(NotPayable):
            start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
        with pytest.raises(HoldOver):
            set_address(checkout.pk, ADDRESS)


def test_a_method_that_is_not_offered_is_refused(shop):
    with pytest.raises(NotPayable):
        start_payment(shop.hold().pk, method="gone", return_url=RETURN_URL)


def test_the_task_expires_what_is_overdue_and_nothing_else(shop):
    late, waiting = shop.hold(quantity=2), shop.hold()
    let_time_run_out(late)
    tasks.expire_holds()
    late.refresh_from_db()
    waiting.refresh_from_db()
    assert (late.status, waiting.status, shop.left) == ("expired", "open", 9)
    assert sweeps.expire_holds() == 0


def test_the_task_settles_for_buyers_who_never_came_back(shop):
    checkout, payment = shop.start()
    choose(payment, "silent")
    assert sweeps.settle_payments() == 0  # the buyer's own return comes first
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    tasks.settle_payments()
    assert ends_of(checkout) == ("paid", "paid", "confirmed")


def test_the_task_closes_payments_nobody_made(shop):
    checkout, _payment = shop.start()
    let_time_run_out(checkout)
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert sweeps.settle_payments() == 1
    assert ends_of(checkout) == ("expired", "expired", "cancelled")
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert sweeps.settle_payments() == 0


def test_a_silent_provider_ends_the_round_but_holds_nobody_up_for_ever(shop, monkeypatch):
    first, second = shop.start(), shop.start()
    for _checkout, payment in (first, second):
        choose(payment, "succeed")
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    Payment.objects.filter(pk=first[1].pk).update(asked_at=timezone.now() - timedelta(minutes=2))
    look_up = SandboxPayments.look_up

    def partly_down(self, ref, provider_ref):
        if ref == first[1].ref:
            raise ProviderError("down")
        return look_up(self, ref, provider_ref)

    monkeypatch.setattr(SandboxPayments, "look_up", partly_down)
    assert sweeps.settle_payments() == 1
    assert sweeps.settle_payments() == 1
    assert (ends_of(first[0])[0], ends_of(second[0])[0]) == ("open", "paid")


def test_a_payment_method_that_is_gone_is_a_named_error(shop):
    checkout, payment = shop.start()
    checkout.payments.update(method="gone")
    with pytest.raises(ProviderRefused):
        settle_payment(payment.pk)


def test_the_provider_may_write_to_who_buys(shop, monkeypatch):
    charges = []
    start = SandboxPayments.start

    def note(self, charge):
        charges.append(charge)
        return start(self, charge)

    monkeypatch.setattr(SandboxPayments, "start", note)
    shop.start()
    shop.start(buyer=None, email="guest@example.com")
    member = User.objects.get(pk=shop.buyer.pk)
    assert [charge.email for charge in charges] == [member.email, "guest@example.com"]
    assert charges[0].return_url == f"http://testserver/back/{charges[0].ref}/"
    assert charges[0].order_name == "울 자켓"
