"""A month is settled once; statements add up, carry what is below zero, and are paid once."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from orders import ledger
from orders.confirming import confirm_order, deliver_order
from orders.ledger.walk import walk
from orders.models import Dispute, Settlement, Transfer
from orders.settlements import actions
from orders.settlements.actions import (
    NotPayable,
    NotSettleable,
    hold_settlement,
    pay_settlement,
    release_settlement,
    settle_all,
    settle_month,
)
from orders.settlements.months import last_month, month_end
from orders.tests.books import move, seoul
from orders.tests.shop import open_shop
from tests.makers import make_member

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture
def seller():
    return make_member()


def due(seller, month=SEPTEMBER):
    return settle_month(seller.pk, month)


def test_a_month_ends_in_seoul():
    assert month_end(SEPTEMBER) == seoul(2026, 10, 1)
    assert month_end(date(2026, 12, 1)) == seoul(2027, 1, 1)


@pytest.mark.parametrize(("today", "month"), [((2026, 10, 1), (9, 1)), ((2027, 1, 31), (12, 1))])
def test_the_last_month(monkeypatch, today, month):
    monkeypatch.setattr("orders.settlements.months.timezone.localdate", lambda timezone: date(*today))
    assert (last_month().month, last_month().day) == month


def test_every_kind_has_its_place_in_the_sum(seller):
    at = seoul(2026, 9, 10)
    move(seller, "sale", 100_000, at)
    move(seller, "commission", 5_000, at, back=True)
    move(seller, "commission", 500, at)
    move(seller, "coupon", 3_000, at)
    move(seller, "coupon", 300, at, back=True)
    move(seller, "refund", 10_000, at)
    move(seller, "ad", 2_000, at)
    move(seller, "correction", 700, at)
    statement = due(seller)
    sums = (statement.sales, statement.commission, statement.coupons, statement.refunds, statement.ads)
    assert sums == (100_000, 4_500, 2_700, 10_000, 2_000)
    assert statement.corrections == 700
    assert statement.total == ledger.balance("seller", seller=seller) == 86_900


def test_the_first_moment_of_a_month_is_the_next_statements(seller):
    move(seller, "sale", 1_000, seoul(2026, 9, 30, 23, 59, 59))
    move(seller, "sale", 20_000, seoul(2026, 10, 1))
    assert due(seller).total == 1_000
    assert due(seller, OCTOBER).total == 20_000


def test_settling_again_changes_nothing_and_what_came_late_goes_on_the_next(seller):
    move(seller, "sale", 1_000, seoul(2026, 9, 10))
    first = due(seller)
    move(seller, "sale", 500, seoul(2026, 9, 20))
    again = due(seller)
    assert (again.pk, again.total) == (first.pk, 1_000)
    assert due(seller, OCTOBER).total == 500
    assert due(seller).pk == first.pk
    assert settle_month(seller.pk, date(2026, 8, 1)) is None


def test_what_is_below_zero_is_carried_until_it_is_earned(seller):
    move(seller, "refund", 3_000, seoul(2026, 8, 5))
    move(seller, "sale", 1_000, seoul(2026, 9, 5))
    move(seller, "sale", 5_000, seoul(2026, 10, 5))
    august = due(seller, date(2026, 8, 1))
    assert (august.total, august.is_payable) == (-3_000, False)
    assert (due(seller).carried, due(seller).total) == (-3_000, -2_000)
    october = due(seller, OCTOBER)
    assert (october.carried, october.total) == (-2_000, 3_000)
    with pytest.raises(NotPayable):
        pay_settlement(august.pk, note="")
    pay_settlement(october.pk, note="이체")
    assert ledger.balance("seller", seller=seller) == 0


def test_a_quiet_month_makes_no_statement_and_forgets_no_debt(seller):
    assert due(seller) is None
    move(seller, "ad", 400, seoul(2026, 8, 5))
    due(seller, date(2026, 8, 1))
    assert due(seller) is None
    move(seller, "sale", 1_000, seoul(2026, 10, 5))
    assert due(seller, OCTOBER).total == 600


def test_a_month_that_is_not_over_is_not_settled(seller):
    with pytest.raises(NotSettleable):
        settle_month(seller.pk, date(2999, 1, 1))


def test_settling_all_leaves_nobody_out(seller, monkeypatch):
    monkeypatch.setattr(actions, "SELLERS_A_ROUND", 2)
    sellers = [seller, make_member(), make_member()]
    for each in sellers:
        move(each, "sale", 1_000, seoul(2026, 9, 5))
        move(each, "sale", 1_000, seoul(2026, 9, 6))
    assert [settle_all(SEPTEMBER) for _round in range(3)] == [2, 1, 0]
    assert list(Settlement.objects.values_list("total", flat=True)) == [2_000] * 3


def test_the_database_refuses_a_statement_that_does_not_add_up(seller):
    with pytest.raises(IntegrityError), transaction.atomic():
        Settlement.objects.create(seller=seller, month=SEPTEMBER, sales=10, total=11)


def test_a_payout_is_booked_once(seller):
    move(seller, "sale", 1_000, seoul(2026, 9, 5))
    statement = due(seller)
    pay_settlement(statement.pk, note="국민 1234")
    with pytest.raises(NotPayable):
        pay_settlement(statement.pk, note="국민 1234")
    payout = Transfer.objects.get(kind="payout")
    assert (payout.amount, payout.note, payout.settlement_id) == (1_000, "국민 1234", statement.pk)
    assert ledger.balance("paid_out") == 1_000
    assert due(seller, OCTOBER) is None


def test_what_is_held_is_not_paid_until_it_is_released(seller):
    move(seller, "sale", 1_000, seoul(2026, 9, 5))
    statement = due(seller)
    hold_settlement(statement.pk, reason="계좌 확인")
    with pytest.raises(NotPayable):
        pay_settlement(statement.pk, note="")
    release_settlement(statement.pk)
    with pytest.raises(NotPayable):
        release_settlement(statement.pk)
    pay_settlement(statement.pk, note="")
    with pytest.raises(NotPayable):
        hold_settlement(statement.pk, reason="늦음")
    statement.refresh_from_db()
    assert (statement.status, statement.hold_reason) == ("paid", "")


def test_an_open_dispute_holds_the_statement_of_its_order(monkeypatch):
    shop = open_shop()
    order = shop.sell()
    deliver_order(order.pk, by=None)
    confirm_order(order.pk, by=shop.buyer)
    dispute = Dispute.objects.create(order=order, subject="other")
    monkeypatch.setattr(actions.timezone, "now", lambda: seoul(2999, 1, 1))
    statement = settle_month(shop.seller.pk, date(2998, 12, 1))
    assert statement.status == "on_hold"
    with pytest.raises(NotPayable):
        release_settlement(statement.pk)
    Dispute.objects.filter(pk=dispute.pk).update(status="for_seller")
    release_settlement(statement.pk)
    Dispute.objects.filter(pk=dispute.pk).update(status="open")
    with pytest.raises(NotPayable):
        pay_settlement(statement.pk, note="")
    Dispute.objects.filter(pk=dispute.pk).update(status="withdrawn")
    pay_settlement(statement.pk, note="")
    assert list(walk()) == []
