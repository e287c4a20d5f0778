import logging
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import IllegalMove, ProviderError
from orders import sweeps, tasks
from orders.actions import cancel_order, expire_order
from orders.models import Order, Payment, SandboxPayment
from orders.moves import MOVES, move_order
from orders.paying import NotPayable, catch_up, settle_payment, start_payment
from orders.payments.sandbox import SandboxPayments
from orders.tests.shop import RETURN_URL, choose, let_time_run_out, log_of

Status = Order.Status


def statuses(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    return order.status, order.payments.get().status


def test_a_success_pays_the_order(shop):
    order, payment = shop.start()
    choose(payment, "succeed")
    settle_payment(payment.pk)
    assert statuses(order) == ("paid", "confirmed")
    payment.refresh_from_db()
    assert order.paid_at is not None
    assert payment.confirmed_at is not None
    assert payment.provider_ref == f"sandbox-{SandboxPayment.objects.get().pk}"
    assert log_of(order) == ["order.placed", "payment.confirmed", "order.paid"]
    assert shop.left == 9


def test_settling_again_changes_nothing(shop):
    order = shop.sell()
    paid_at = order.paid_at
    for _ in range(3):
        settle_payment(order.payments.get().pk)
    order.refresh_from_db()
    assert order.paid_at == paid_at
    assert log_of(order) == ["order.placed", "payment.confirmed", "order.paid"]


@pytest.mark.parametrize(
    ("choice", "ends"), [("fail", ("failed", "failed")), ("cancel", ("cancelled", "cancelled"))]
)
def test_what_comes_to_nothing_gives_the_stock_back_once(shop, choice, ends):
    order, payment = shop.start(quantity=4)
    assert shop.left == 6
    choose(payment, choice)
    for _ in range(2):
        settle_payment(payment.pk)
    assert statuses(order) == ends
    assert order.closed_at is not None
    assert shop.left == 10


def test_an_open_payment_leaves_the_order_waiting(shop):
    order, payment = shop.start()
    settle_payment(payment.pk)
    assert statuses(order) == ("pending", "started")


def test_a_slow_payment_is_settled_when_its_outcome_is_known(shop):
    order, payment = shop.start()
    choose(payment, "slow")
    settle_payment(payment.pk)
    assert statuses(order) == ("pending", "started")
    SandboxPayment.objects.update(known_at=timezone.now())
    settle_payment(payment.pk)
    assert statuses(order) == ("paid", "confirmed")


def test_a_wrong_amount_is_refunded_and_reported(shop, caplog):
    order, payment = shop.start()
    SandboxPayment.objects.update(amount=1)
    choose(payment, "succeed")
    with caplog.at_level(logging.ERROR):
        settle_payment(payment.pk)
    assert statuses(order) == ("failed", "refunded")
    assert SandboxPayment.objects.get().refunded_at is not None
    assert shop.left == 10
    assert [record.message for record in caplog.records] == ["wrong amount paid"]


def test_a_success_after_the_time_is_refunded_though_no_sweep_ran(shop):
    order, payment = shop.start()
    choose(payment, "succeed")
    let_time_run_out(order)
    settle_payment(payment.pk)
    assert statuses(order) == ("expired", "refunded")
    assert order.paid_at is None
    assert SandboxPayment.objects.get().refunded_at is not None
    assert shop.left == 10
    assert log_of(order) == ["order.placed", "payment.refunding", "order.expired", "payment.refunded"]


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_a_success_after_the_order_ended_is_refunded(shop, end):
    order, payment = shop.start()
    choose(payment, "succeed")
    if end == "expired":
        let_time_run_out(order)
        assert expire_order(order.pk)
    else:
        cancel_order(order.pk, by=shop.buyer)
    settle_payment(payment.pk)
    assert statuses(order) == (end, "refunded")
    assert shop.left == 10


def test_a_refund_that_failed_is_tried_again(shop, monkeypatch):
    order, payment = shop.start()
    choose(payment, "succeed")
    cancel_order(order.pk, by=shop.buyer)

    def down(self, ref):
        raise ProviderError("down")

    with monkeypatch.context() as broken:
        broken.setattr(SandboxPayments, "refund", down)
        with pytest.raises(ProviderError):
            settle_payment(payment.pk)
    assert statuses(order) == ("cancelled", "refunding")
    settle_payment(payment.pk)
    assert statuses(order) == ("cancelled", "refunded")


def test_a_provider_that_does_not_answer_decides_nothing(shop, monkeypatch):
    order, payment = shop.start()
    choose(payment, "succeed")

    def down(self, ref):
        raise ProviderError("down")

    with monkeypatch.context() as broken:
        broken.setattr(SandboxPayments, "look_up", down)
        with pytest.raises(ProviderError):
            settle_payment(payment.pk)
        catch_up(order)
    assert statuses(order) == ("pending", "started")
    catch_up(order)
    assert order.status == "paid"


def test_a_payment_that_was_never_started_ends_with_its_order(shop):
    order = shop.place()
    payment = order.payments.get()
    settle_payment(payment.pk)
    assert statuses(order) == ("pending", "started")
    cancel_order(order.pk, by=shop.buyer)
    settle_payment(payment.pk)
    assert statuses(order) == ("cancelled", "cancelled")


def test_a_paid_order_is_neither_cancelled_nor_expired(shop):
    order = shop.sell()
    with pytest.raises(IllegalMove):
        cancel_order(order.pk, by=shop.buyer)
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(days=1))
    assert not expire_order(order.pk)
    assert sweeps.expire_orders() == 0
    assert statuses(order) == ("paid", "confirmed")
    assert shop.left == 9


def test_cancelling_twice_gives_the_stock_back_once(shop):
    order = shop.place(quantity=2)
    for _ in range(2):
        cancel_order(order.pk, by=shop.buyer)
    assert shop.left == 10
    assert log_of(order) == ["order.placed", "order.cancelled"]
    assert order.log.last().by == shop.buyer


@pytest.mark.parametrize("before", Status.values)
@pytest.mark.parametrize("after", Status.values)
def test_only_the_moves_of_the_table_are_made(shop, before, after):
    order = shop.place()
    Order.objects.filter(pk=order.pk).update(status=before)
    if before == after:
        assert move_order(order.pk, after) is False
    elif after in MOVES[before]:
        assert move_order(order.pk, after) is True
        assert order.log.last().before == before
    else:
        with pytest.raises(IllegalMove):
            move_order(order.pk, after)
        order.refresh_from_db()
        assert order.status == before


def test_the_database_allows_one_confirmed_payment_an_order(shop):
    order = shop.sell()
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(order=order, method="sandbox", amount=order.total, status="confirmed")


def test_an_order_that_is_over_cannot_be_paid(shop):
    order = shop.place()
    let_time_run_out(order)
    with pytest.raises(NotPayable):
        start_payment(order, return_url=RETURN_URL)
    with pytest.raises(NotPayable):
        start_payment(shop.sell(), return_url=RETURN_URL)


def test_the_task_expires_what_is_overdue_and_nothing_else(shop):
    late, waiting = shop.place(quantity=2), shop.place()
    let_time_run_out(late)
    tasks.expire_orders()
    late.refresh_from_db()
    waiting.refresh_from_db()
    assert (late.status, waiting.status, shop.left) == ("expired", "pending", 9)
    assert sweeps.expire_orders() == 0


def test_the_task_settles_for_buyers_who_never_came_back(shop):
    order, payment = shop.start()
    choose(payment, "succeed")
    assert sweeps.settle_payments() == 0  # the buyer's own return comes first
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    tasks.settle_payments()
    assert statuses(order) == ("paid", "confirmed")


def test_the_task_closes_payments_nobody_made(shop):
    order, payment = shop.start()
    let_time_run_out(order)
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert sweeps.settle_payments() == 1
    assert statuses(order) == ("expired", "cancelled")
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert sweeps.settle_payments() == 0


def test_a_silent_provider_ends_the_round_but_holds_nobody_up_for_ever(shop, monkeypatch):
    first, second = shop.start(), shop.start()
    for _order, payment in (first, second):
        choose(payment, "succeed")
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    Payment.objects.filter(pk=first[1].pk).update(asked_at=timezone.now() - timedelta(minutes=2))
    look_up = SandboxPayments.look_up

    def partly_down(self, ref):
        if ref == first[1].ref:
            raise ProviderError("down")
        return look_up(self, ref)

    monkeypatch.setattr(SandboxPayments, "look_up", partly_down)
    assert sweeps.settle_payments() == 1
    assert sweeps.settle_payments() == 1
    assert (statuses(first[0])[0], statuses(second[0])[0]) == ("pending", "paid")


def test_a_payment_method_that_is_gone_is_a_named_error(shop):
    order = shop.place()
    order.payments.update(method="gone")
    with pytest.raises(ProviderError):
        settle_payment(order.payments.get().pk)
