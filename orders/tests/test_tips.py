"""Support for a seller: paid once, the seller's at once less commission, and given back whole."""

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from broadcasts.models import Broadcast
from orders.holding import KeyReused
from orders.ledger import balances
from orders.ledger.walk import walk
from orders.models import Checkout, Payment, Refund, SandboxPayment, Settlement, Tip, Transfer
from orders.paying import settle_payment, settle_refund, start_payment
from orders.payments.sandbox import press
from orders.settlements.actions import settle_month
from orders.sweeps import expire_holds
from orders.tests.shop import RETURN_URL
from orders.tips import BadTip, NothingToRefund, refund_tip, start_tip
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db
Account, Choice = Transfer.Account, SandboxPayment.Choice


@pytest.fixture
def show():
    return make_broadcast(make_member(), status="live")


@pytest.fixture
def giver():
    return make_member()


def pay(tip, choice=Choice.SUCCEED):
    start_payment(tip.pk, method="sandbox", return_url=RETURN_URL)
    payment = Payment.objects.get(checkout=tip.pk)
    press(SandboxPayment.objects.get(ref=payment.ref), choice)
    settle_payment(payment.pk)
    payment.refresh_from_db()
    return payment


def test_a_paid_tip_is_the_sellers_at_once_less_commission(show, giver, django_capture_on_commit_callbacks):
    tip = start_tip(giver, show, amount=10_000, key=uuid4())
    with django_capture_on_commit_callbacks(execute=True):
        payment = pay(tip)
    settle_payment(payment.pk)
    tip.checkout.refresh_from_db()
    assert (payment.status, tip.checkout.status) == ("confirmed", "paid")
    assert SandboxPayment.objects.get().order_name == "방송 후원"
    found = balances()
    assert (found[Account.HELD], found[Account.COMMISSION]) == (0, 500)
    assert sum(row.to_seller for row in Transfer.objects.of_seller(tip.seller_id)) == 9_500
    assert list(walk()) == []


def test_no_commission_is_no_row(show, giver, settings):
    settings.COMMISSION_BASIS_POINTS = 0
    pay(start_tip(giver, show, amount=10_000, key=uuid4()))
    assert not Transfer.objects.filter(kind=Transfer.Kind.TIP_FEE).exists()
    assert list(walk()) == []


@pytest.mark.parametrize("choice", [Choice.FAIL, Choice.CANCEL])
def test_what_was_not_paid_is_nobodys(show, giver, choice):
    tip = start_tip(giver, show, amount=10_000, key=uuid4())
    pay(tip, choice)
    tip.checkout.refresh_from_db()
    assert not tip.checkout.is_open
    assert not Transfer.objects.exists()
    with pytest.raises(NothingToRefund):
        refund_tip(tip.pk, reason="아무것도")


def test_a_wrong_amount_goes_back_by_itself(show, giver):
    payment = pay(start_tip(giver, show, amount=10_000, key=uuid4()), Choice.WRONG)
    assert payment.status == "stray"
    settle_refund(Refund.objects.get().pk)
    assert balances()[Account.SELLER] == 0
    assert list(walk()) == []


def test_one_that_nobody_pays_runs_out(show, giver):
    tip = start_tip(giver, show, amount=10_000, key=uuid4())
    Checkout.objects.filter(pk=tip.pk).update(expires_at=tip.checkout.created_at)
    assert expire_holds() == 1
    tip.checkout.refresh_from_db()
    assert tip.checkout.status == "expired"


def test_a_refund_takes_everything_back_once(show, giver):
    tip = start_tip(giver, show, amount=10_000, key=uuid4())
    pay(tip)
    assert refund_tip(tip.pk, reason="잘못 보냈어요")
    assert not refund_tip(tip.pk, reason="잘못 보냈어요")
    assert list(walk()) == []
    settle_refund(Refund.objects.get().pk)
    found = balances()
    assert {found[account] for account in (Account.HELD, Account.SELLER, Account.COMMISSION)} == {0}
    assert list(walk()) == []


def test_a_statement_counts_tips_as_sales_and_their_commission(show, giver):
    pay(start_tip(giver, show, amount=10_000, key=uuid4()))
    last_month = datetime(2026, 1, 15, 12, tzinfo=ZoneInfo("Asia/Seoul"))
    QuerySet.update(Transfer.objects.all(), at=last_month)
    settlement = settle_month(show.channel.member_id, date(2026, 1, 1))
    assert isinstance(settlement, Settlement)
    assert (settlement.sales, settlement.commission, settlement.total) == (10_000, 500, 9_500)
    assert list(walk()) == []


@pytest.mark.parametrize("amount", [-1, 0, 999, 1_000_001])
def test_a_tip_has_bounds(show, giver, amount):
    with pytest.raises(BadTip):
        start_tip(giver, show, amount=amount, key=uuid4())


def test_one_tips_others_while_they_are_on_the_air(show, giver):
    with pytest.raises(BadTip):
        start_tip(show.channel.member, show, amount=1_000, key=uuid4())
    Broadcast.objects.filter(pk=show.pk).update(status="ended")
    show.refresh_from_db()
    with pytest.raises(BadTip):
        start_tip(giver, show, amount=1_000, key=uuid4())


def test_the_same_key_is_the_same_tip(show, giver):
    key = uuid4()
    assert start_tip(giver, show, amount=1_000, key=key) == start_tip(giver, show, amount=1_000, key=key)
    assert Tip.objects.count() == 1
    for changed in ({"amount": 2_000}, {"giver": make_member()}):
        with pytest.raises(KeyReused):
            start_tip(**({"giver": giver, "show": show, "amount": 1_000, "key": key} | changed))


def test_the_way_back_from_the_provider_leads_to_the_show(client, show, giver):
    tip = start_tip(giver, show, amount=1_000, key=uuid4())
    client.force_login(giver)
    page = reverse("orders:checkout", args=[tip.checkout.code])
    watch = reverse("broadcasts:watch", args=[show.code])
    assert client.get(page).headers["Location"] == watch
    pay(tip)
    assert client.get(page).headers["Location"] == watch
