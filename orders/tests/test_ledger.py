"""What each happening writes into the books, and that nothing else ever does."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from orders import ledger
from orders.confirming import confirm_order, deliver_order
from orders.ledger.walk import SHAPES, walk
from orders.models import CommissionRate, Order, Payment, Refund, Transfer
from orders.models.ledger import BooksNeverChange
from orders.paying import settle_payment, settle_refund
from orders.refunds import refund_lines
from orders.tests.shop import choose, open_shop
from tests.makers import make_category

pytestmark = pytest.mark.django_db

PRICE = 10_000
Account, Kind = Transfer.Account, Transfer.Kind


@pytest.fixture(autouse=True)
def rates(settings):
    settings.COMMISSION_BASIS_POINTS = 500
    settings.PAYMENTS = {"sandbox": settings.PAYMENTS["sandbox"] | {"FEE_BASIS_POINTS": 290}}


@pytest.fixture
def shop():
    return open_shop(price=PRICE)


def confirm(order):
    deliver_order(order.pk, by=None)
    confirm_order(order.pk, by=order.buyer)
    order.refresh_from_db()
    return order


def send_back(order, count, **changes):
    """Refund so many pieces of the order's only line, and have the provider pay."""
    refund = refund_lines(
        order.pk, {order.lines.get().pk: count}, reason="변심", by=None, restock=True, **changes
    )
    settle_refund(refund.pk)
    return refund


def give_coupon(order, *, discount, platform):
    """Make a paid order one that a coupon was used for, as the books see it."""
    line = order.lines.get()
    line.discount = discount
    line.save(update_fields=["discount"])
    total = order.total - discount
    Order.objects.filter(pk=order.pk).update(discount=discount, platform_discount=platform, total=total)
    order.refresh_from_db()


def found(**accounts):
    """Return balances that are not 0, checked to be just these."""
    assert {name: won for name, won in ledger.balances().items() if won} == accounts


def test_a_payment_is_kept_for_the_buyer_until_the_order_is_confirmed(shop):
    order = shop.sell(quantity=2)
    found(provider=20_000 - 580, held=20_000, fees=580)
    confirm(order)
    found(provider=19_420, fees=580, seller=19_000, commission=1_000)
    assert list(walk()) == []


def test_a_sale_is_booked_once(shop):
    order = confirm(shop.sell())
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.book_sale(order)
    assert Transfer.objects.filter(kind=Kind.SALE).count() == 1


def test_a_refund_before_confirmation_never_reaches_the_seller(shop):
    order = shop.sell(quantity=3)
    send_back(order, 1)
    found(provider=30_000 - 870 - 10_000, held=20_000, fees=870)
    confirm(order)
    found(provider=19_130, fees=870, seller=19_000, commission=1_000)
    assert list(walk()) == []


def test_a_refund_after_confirmation_comes_from_the_seller_with_its_commission(shop):
    order = confirm(shop.sell(quantity=3))
    refund = refund_lines(order.pk, {order.lines.get().pk: 1}, reason="흠집", by=None, restock=False)
    found(provider=29_130, fees=870, seller=19_000, commission=1_000, held=10_000)
    settle_refund(refund.pk)
    found(provider=19_130, fees=870, seller=19_000, commission=1_000)
    send_back(order, 2)
    found(provider=-870, fees=870)
    assert list(walk()) == []


def test_the_platforms_part_of_a_coupon_goes_to_the_seller_and_back_with_the_goods(shop):
    order = shop.sell(quantity=3)
    give_coupon(order, discount=1_000, platform=700)
    confirm(order)
    by_kind = dict(Transfer.objects.filter(order=order).values_list("kind", "amount"))
    assert by_kind == {"sale": 29_000, "coupon": 700, "commission": 1_485}  # 5 % of 29,700
    amounts = []
    for _piece in range(3):
        refund = refund_lines(order.pk, {order.lines.get().pk: 1}, reason="흠집", by=None, restock=True)
        back = Transfer.objects.filter(refund=refund)
        amounts.append({row.kind: row.amount for row in back})
    assert sum(part["refund"] for part in amounts) == 29_000
    assert sum(part["coupon"] for part in amounts) == 700
    assert sum(part["commission"] for part in amounts) == 1_485
    assert ledger.balance(Account.SELLER, seller=shop.seller) == 0
    assert ledger.balance(Account.COMMISSION) == ledger.balance(Account.COUPONS) == 0


def test_what_a_buyer_pays_for_the_way_back_is_the_sellers_without_commission(shop):
    order = shop.sell()
    send_back(order, 1, way_back=3_000)
    assert ledger.balance(Account.SELLER, seller=shop.seller) == 3_000
    assert ledger.balance(Account.COMMISSION) == ledger.balance(Account.HELD) == 0
    assert list(walk()) == []


def test_stray_money_is_held_until_it_went_back(shop):
    _checkout, payment = shop.start()
    choose(payment, "wrong")
    settle_payment(payment.pk)
    assert list(walk()) == []
    settle_payment(payment.pk)
    assert Refund.objects.get().status == "done"
    assert ledger.balance(Account.HELD) == ledger.balance(Account.PROVIDER) == 0
    assert list(walk()) == []


def test_the_most_particular_rate_counts(shop):
    parent = make_category()
    category = make_category(parent=parent)
    shop.product.category = category
    shop.product.save()
    assert commission_of(shop) == 500
    CommissionRate.objects.create(category=parent, basis_points=300)
    assert commission_of(shop) == 300
    CommissionRate.objects.create(category=category, basis_points=0)
    assert commission_of(shop) == 0
    CommissionRate.objects.create(seller=shop.seller, basis_points=725)
    assert commission_of(shop) == 725


def commission_of(shop):
    """Return the commission of a new sale of 10,000 won."""
    order = confirm(shop.sell())
    rows = Transfer.objects.filter(order=order, kind=Kind.COMMISSION)
    return sum(row.amount for row in rows)


def test_rates_that_change_later_do_not_change_what_goes_back(shop):
    order = confirm(shop.sell(quantity=2))
    CommissionRate.objects.create(seller=shop.seller, basis_points=5_000)
    send_back(order, 1)
    assert ledger.balance(Account.COMMISSION) == 500
    send_back(order, 1)
    assert ledger.balance(Account.COMMISSION) == 0


def test_rows_of_the_books_never_change(shop):
    shop.sell()
    row = Transfer.objects.first()
    row.amount = 1
    with pytest.raises(BooksNeverChange):
        row.save()
    with pytest.raises(BooksNeverChange):
        row.delete()
    with pytest.raises(BooksNeverChange):
        Transfer.objects.filter(pk=row.pk).update(amount=1)
    with pytest.raises(BooksNeverChange):
        Transfer.objects.all().delete()
    with pytest.raises(BooksNeverChange), transaction.atomic():
        Transfer.objects.bulk_update([row], ["amount"])
    with pytest.raises(BooksNeverChange):
        row.payment.transfers.all().delete()
    assert Transfer.objects.get(pk=row.pk).amount == PRICE


def test_a_correction_moves_won_either_way_and_once(shop):
    ledger.book_correction(shop.seller, 500, reason="사과", key="first")
    ledger.book_correction(shop.seller, -200, reason="되돌림", key="second")
    found(seller=300, losses=300)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.book_correction(shop.seller, 500, reason="사과", key="first")
    assert list(walk()) == []


def test_balances_of_one_seller_and_before_a_moment(shop, django_assert_num_queries):
    confirm(shop.sell())
    ledger.book_correction(shop.buyer, 30, reason="사과", key="other")
    with django_assert_num_queries(1):
        assert ledger.balance(Account.SELLER, seller=shop.seller) == 9_500
    assert ledger.balance(Account.SELLER) == 9_530
    first = Transfer.objects.order_by("pk").first()
    assert ledger.balance(Account.SELLER, until=first.at) == 0


FAULTS = {
    "no shape": {"kind": "sale", "debit": "provider", "credit": "ads"},
    "names no order": {"kind": "sale", "debit": "held", "credit": "seller"},
    "account held": {"kind": "payment", "debit": "provider", "credit": "held"},
    "account ads": {"kind": "ad", "debit": "seller", "credit": "ads"},
    "account paid_out": {"kind": "payout", "debit": "seller", "credit": "paid_out"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_walk_sees_a_row_that_should_not_be(shop, fault):
    confirm(shop.sell())
    row = Transfer(amount=7, seller=shop.seller, once="wrong", **FAULTS[fault])
    Transfer.objects.bulk_create([row])
    assert any(fault in sentence for sentence in walk()), list(walk())


@pytest.fixture
def part_returned(shop):
    """A confirmed order of three pieces with a coupon, one of which went back since."""
    order = shop.sell(quantity=3)
    give_coupon(order, discount=1_000, platform=700)
    confirm(order)
    refund_lines(order.pk, {order.lines.get().pk: 1}, reason="흠집", by=None, restock=True)
    return order


def order_faults():
    return [fault for fault in walk() if fault.startswith(("coupon", "commission"))]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"kind": "coupon", "debit": "coupons", "credit": "seller"}, "474 won in the books, 467 expected"),
        (
            {"kind": "commission", "debit": "seller", "credit": "commission"},
            "997 won in the books, 990 expected",
        ),
        (
            {"kind": "commission", "debit": "commission", "credit": "seller"},
            "983 won in the books, 990 expected",
        ),
    ],
)
def test_the_walk_sees_a_coupon_and_a_commission_that_its_lines_do_not_say(part_returned, row, fault):
    assert order_faults() == []
    line = part_returned.lines.get()
    row = Transfer(amount=7, seller=part_returned.seller, order=part_returned, once=f"wrong:{line.pk}", **row)
    Transfer.objects.bulk_create([row])
    (found,) = order_faults()
    assert found.startswith(f"{row.kind} of order {part_returned}")
    assert found.endswith(fault)


def test_the_walk_sees_a_commission_that_is_missing_or_of_no_line(part_returned):
    row = Transfer(kind="commission", debit="seller", credit="commission", amount=7, once="what:is this")
    row.seller, row.order = part_returned.seller, part_returned
    Transfer.objects.bulk_create([row])
    (found,) = order_faults()
    assert "no line of it (is this): 7 won" in found
    Transfer.objects.filter(kind="commission", refund=None)._raw_delete(using="default")
    assert "990 expected" in order_faults()[0]


def test_the_walk_sees_a_commission_before_its_time(shop):
    order = shop.sell()
    row = {"kind": "commission", "debit": "seller", "credit": "commission", "amount": 7, "once": "early:1"}
    Transfer.objects.bulk_create([Transfer(seller=shop.seller, order=order, **row)])
    assert any("is not over, and something of it is booked" in fault for fault in walk())


def test_the_walk_reckons_at_the_rate_that_was_booked(part_returned):
    line = part_returned.lines.get()
    assert line.commission_points == 500
    CommissionRate.objects.create(seller=part_returned.seller, basis_points=900)
    assert order_faults() == []
    line.commission_points = 501
    line.save(update_fields=["commission_points"])
    assert "992 expected" in order_faults()[0]
    line.commission_points = None
    line.save(update_fields=["commission_points"])
    assert order_faults() == []


def test_pieces_that_went_back_for_nothing_are_no_fault(shop):
    order = shop.sell(quantity=3)
    give_coupon(order, discount=29_998, platform=20_000)
    Payment.objects.update(amount=2, paid=2)
    confirm(order)
    assert refund_lines(order.pk, {order.lines.get().pk: 1}, reason="흠집", by=None, restock=True) is None
    assert order_faults() == []


def test_the_walk_takes_no_more_queries_for_more_orders(shop, django_assert_max_num_queries):
    for _order in range(3):
        send_back(confirm(shop.sell(quantity=2)), 1)
    with django_assert_max_num_queries(50) as first:
        assert list(walk()) == []
    for _order in range(3):
        send_back(confirm(shop.sell(quantity=2)), 1)
    with django_assert_max_num_queries(len(first)):
        assert list(walk()) == []


def test_the_walk_sees_a_payment_a_sale_and_a_refund_that_are_not_booked(shop):
    order = shop.sell()
    Transfer.objects.filter(kind="payment")._raw_delete(using="default")
    assert any("was paid and is not booked" in sentence for sentence in walk())
    Order.objects.filter(pk=order.pk).update(status="confirmed", confirmed_at=order.paid_at)
    assert any("did not get what is left" in sentence for sentence in walk())
    Order.objects.filter(pk=order.pk).update(refunded=5)
    assert any("other refunds than there are" in sentence for sentence in walk())


def test_every_kind_has_its_shape():
    assert set(SHAPES) == set(Kind.values)


def test_the_command_says_whether_the_books_are_right(shop):
    shop.sell()
    out, err = io.StringIO(), io.StringIO()
    call_command("check_ledger", stdout=out)
    assert "right" in out.getvalue()
    Transfer.objects.filter(kind="payment")._raw_delete(using="default")
    with pytest.raises(CommandError):
        call_command("check_ledger", stderr=err)
    assert "account held" in err.getvalue()
