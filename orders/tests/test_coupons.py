"""Coupons: claimed, used at a checkout, given back; what they do to its sums."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.addressing import HoldOver, set_address
from orders.deals.coupon_making import NothingToDrop, create_coupon, drop_coupon, stop_coupon
from orders.deals.coupons import (
    CouponClaimed,
    CouponNotUsable,
    CouponOver,
    CouponsGone,
    NoSuchCoupon,
    apply_coupon,
    claim_coupon,
    give_back,
    remove_coupon,
    usable,
)
from orders.deals.events import CouponDropped
from orders.deals.room import coupon_of
from orders.holding import cancel_hold
from orders.models import Checkout, Coupon, CouponClaim, Order, OrderLine, Payment, ShippingAddress
from orders.moves import move_order
from orders.paying import settle_payment, start_payment
from orders.sweeps import expire_holds
from orders.tests.shop import ADDRESS, RETURN_URL, choose, let_time_run_out
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db


def make_coupon(seller=None, **changes):
    now = timezone.now()
    values = {
        "code": "SKY3000",
        "name": "하늘 쿠폰",
        "amount": 3_000,
        "quantity": 10,
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=1),
    } | changes
    return create_coupon(seller, **values)


@pytest.fixture
def coupon(shop):
    return make_coupon(shop.seller)


@pytest.fixture
def claimed(shop, coupon):
    return claim_coupon(shop.buyer, coupon.code)


def left_of(coupon):
    return Coupon.objects.get(pk=coupon.pk).left


# --- Claiming


def test_a_member_claims_a_coupon_by_its_code_however_it_is_typed(shop, coupon):
    claim = claim_coupon(shop.buyer, "  sky3000 ")
    assert (claim.coupon, claim.member, claim.checkout) == (coupon, shop.buyer, None)
    assert left_of(coupon) == 9


def test_a_second_claim_is_refused_and_takes_nothing(shop, coupon, claimed):
    with pytest.raises(CouponClaimed):
        claim_coupon(shop.buyer, coupon.code)
    assert left_of(coupon) == 9


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"starts_at": timezone.now() + timedelta(hours=1)}, NoSuchCoupon),
        ({"stopped_at": timezone.now()}, NoSuchCoupon),
        ({"ends_at": timezone.now() - timedelta(seconds=1)}, CouponOver),
        ({"left": 0}, CouponsGone),
    ],
)
def test_what_cannot_be_claimed(shop, coupon, changes, error):
    Coupon.objects.update(**changes)
    with pytest.raises(error):
        claim_coupon(shop.buyer, coupon.code)
    assert not CouponClaim.objects.exists()


def test_an_unknown_code_is_no_coupon(shop):
    with pytest.raises(NoSuchCoupon):
        claim_coupon(shop.buyer, "NOTHING")


def test_a_sellers_coupon_is_borne_by_the_seller(shop):
    assert make_coupon(shop.seller, platform_share=100).platform_share == 0
    assert make_coupon(None, code="SITE", platform_share=60).platform_share == 60


# --- Using


def test_a_coupon_lowers_the_total_and_stands_in_line_order_and_checkout(shop, coupon, claimed):
    checkout = shop.hold(quantity=2)
    apply_coupon(checkout.pk, coupon.code)
    checkout.refresh_from_db()
    order, line = Order.objects.get(), OrderLine.objects.get()
    assert (checkout.discount, checkout.total) == (3_000, 22_800)
    assert (order.discount, order.total, line.discount) == (3_000, 22_800, 3_000)
    assert order.platform_discount == 0


def test_it_is_taken_off_again(shop, coupon, claimed):
    checkout = shop.hold()
    apply_coupon(checkout.pk, coupon.code)
    remove_coupon(checkout.pk)
    checkout.refresh_from_db()
    claimed.refresh_from_db()
    assert (checkout.discount, checkout.total, claimed.checkout) == (0, 12_900, None)
    assert (Order.objects.get().discount, OrderLine.objects.get().discount) == (0, 0)


def test_another_coupon_takes_its_place(shop, coupon, claimed):
    make_coupon(None, code="SITE5000", amount=5_000, platform_share=50)
    other = claim_coupon(shop.buyer, "SITE5000")
    checkout = shop.hold()
    apply_coupon(checkout.pk, coupon.code)
    apply_coupon(checkout.pk, "site5000")
    claimed.refresh_from_db()
    other.refresh_from_db()
    order = Order.objects.get()
    assert (claimed.checkout, other.checkout) == (None, checkout)
    assert (order.discount, order.platform_discount) == (5_000, 2_500)


def test_a_discount_is_shared_over_lines_and_sellers(shop):
    other_seller = make_member()
    other = make_product(other_seller, price=1_000)
    show = make_broadcast(other_seller, products=[other], status="live", started_at=timezone.now())
    make_coupon(None, amount=1_000, platform_share=33)
    claim_coupon(shop.buyer, "SKY3000")
    checkout = shop.hold(shop.want(), shop.want(other.variants.get(), 2, broadcast=show))
    apply_coupon(checkout.pk, "SKY3000")
    first, second = Order.objects.order_by("goods")
    assert (first.discount, second.discount) == (134, 866)  # of 2,000 and 12,900
    assert first.platform_discount + second.platform_discount == 330
    assert sum(OrderLine.objects.values_list("discount", flat=True)) == 1_000
    for order in (first, second):
        assert order.discount == sum(order.lines.values_list("discount", flat=True))
        assert order.total == order.goods + order.shipping - order.discount


def test_a_new_address_keeps_the_discount(shop, coupon, claimed):
    checkout = shop.hold()
    apply_coupon(checkout.pk, coupon.code)
    set_address(checkout.pk, ShippingAddress(**(vars(ADDRESS) | {"ship_postcode": "63000"})))
    checkout.refresh_from_db()
    assert checkout.discount == 3_000
    assert checkout.total == checkout.goods + checkout.shipping - 3_000


def test_what_ends_meanwhile_keeps_the_discount_that_was_promised(shop, coupon, claimed):
    checkout = shop.hold()
    apply_coupon(checkout.pk, coupon.code)
    stop_coupon(coupon.pk)
    set_address(checkout.pk, ADDRESS)
    checkout.refresh_from_db()
    assert checkout.discount == 3_000


@pytest.mark.parametrize(
    "changes",
    [
        {"stopped_at": timezone.now()},
        {"ends_at": timezone.now() - timedelta(seconds=1)},
        {"minimum": 12_901},
    ],
)
def test_what_cannot_be_used(shop, coupon, claimed, changes):
    Coupon.objects.update(**changes)
    checkout = shop.hold()
    with pytest.raises(CouponNotUsable):
        apply_coupon(checkout.pk, coupon.code)
    checkout.refresh_from_db()
    assert (checkout.discount, usable(checkout)) == (0, [])


def test_somebody_elses_goods_claim_or_checkout_are_no_use(shop, coupon):
    checkout = shop.hold()
    claim_coupon(make_member(), coupon.code)
    with pytest.raises(CouponNotUsable, match="받은 쿠폰이 아니에요"):
        apply_coupon(checkout.pk, coupon.code)
    make_coupon(make_member(), code="OTHERS")
    claim_coupon(shop.buyer, "OTHERS")
    with pytest.raises(CouponNotUsable):
        apply_coupon(checkout.pk, "OTHERS")


def test_a_guest_has_no_coupons(shop, coupon):
    checkout = shop.hold(buyer=None, email="guest@example.com")
    assert usable(checkout) == []
    with pytest.raises(CouponNotUsable):
        apply_coupon(checkout.pk, coupon.code)


def test_one_coupon_serves_one_checkout_at_a_time(shop, coupon, claimed):
    first, second = shop.hold(), shop.hold()
    apply_coupon(first.pk, coupon.code)
    apply_coupon(first.pk, coupon.code)  # pressed twice
    with pytest.raises(CouponNotUsable, match="다른 주문"):
        apply_coupon(second.pk, coupon.code)
    assert [one.is_used for one in usable(first)] == [True]
    assert usable(second) == []
    cancel_hold(first.pk, by=shop.buyer)
    assert apply_coupon(second.pk, coupon.code).discount == 3_000


def test_a_checkout_that_is_over_takes_no_coupon(shop, coupon, claimed):
    checkout = shop.hold()
    let_time_run_out(checkout)
    with pytest.raises(HoldOver):
        apply_coupon(checkout.pk, coupon.code)
    with pytest.raises(HoldOver):
        remove_coupon(checkout.pk)


def test_the_best_coupon_is_offered_first(shop, coupon, claimed):
    make_coupon(None, code="HALF", amount=None, percent=50)
    claim_coupon(shop.buyer, "HALF")
    offered = usable(shop.hold())
    assert [(one.claim.coupon.code, one.discount) for one in offered] == [("HALF", 6_450), ("SKY3000", 3_000)]
    assert offered[0].says == "50% 할인"


# --- What becomes of it


def test_a_hold_that_runs_out_gives_it_back(shop, coupon, claimed):
    checkout = shop.hold()
    apply_coupon(checkout.pk, coupon.code)
    let_time_run_out(checkout)
    expire_holds()
    claimed.refresh_from_db()
    assert claimed.checkout is None


def test_a_paid_order_keeps_it(shop, coupon, claimed):
    checkout = shop.hold()
    set_address(checkout.pk, ADDRESS)
    apply_coupon(checkout.pk, coupon.code)
    start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
    payment = Payment.objects.get()
    assert payment.amount == 9_900
    choose(payment, "succeed")
    settle_payment(payment.pk)
    claimed.refresh_from_db()
    assert (checkout.orders.get().status, claimed.checkout) == ("paid", checkout)


def test_a_payment_that_was_started_before_has_another_amount(shop, coupon, claimed):
    checkout, payment = shop.start()
    apply_coupon(checkout.pk, coupon.code)
    start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
    assert list(Payment.objects.order_by("pk").values_list("amount", flat=True)) == [12_900, 9_900]


def test_a_whole_cancellation_gives_it_back(shop, coupon, claimed):
    checkout = shop.hold()
    apply_coupon(checkout.pk, coupon.code)
    checkout.orders.update(status="paid")
    order = checkout.orders.get()
    give_back(order)
    claimed.refresh_from_db()
    assert claimed.checkout == checkout  # nothing is cancelled yet
    move_order(order.pk, "cancelled")
    give_back(order)
    claimed.refresh_from_db()
    assert claimed.checkout is None


def test_of_two_orders_the_last_to_be_cancelled_gives_it_back(shop):
    other_seller = make_member()
    other = make_product(other_seller, price=10_000)
    show = make_broadcast(other_seller, products=[other], status="live", started_at=timezone.now())
    make_coupon(None)
    claim = claim_coupon(shop.buyer, "SKY3000")
    checkout = shop.hold(shop.want(), shop.want(other.variants.get(), broadcast=show))
    apply_coupon(checkout.pk, "SKY3000")
    checkout.orders.update(status="paid")
    freed = []
    for order in checkout.orders.order_by("pk"):
        move_order(order.pk, "cancelled")
        give_back(order)
        claim.refresh_from_db()
        freed.append(claim.checkout is None)
    assert freed == [False, True]


# --- In a show


def test_a_drop_is_told_to_the_room_and_to_who_comes_later(shop, coupon, monkeypatch):
    told = []
    monkeypatch.setattr("orders.deals.coupon_making.send_on_commit", lambda room, event: told.append(event))
    drop_coupon(coupon.pk, shop.broadcast.pk, by=shop.seller)
    shop.broadcast.refresh_from_db()
    event = CouponDropped.of(coupon, version=shop.broadcast.version, says="3,000원 할인")
    assert told == [event]
    assert coupon_of(shop.broadcast) == event
    make_coupon(shop.seller, code="NEXT")
    drop_coupon(Coupon.objects.get(code="NEXT").pk, shop.broadcast.pk, by=shop.seller)
    assert coupon_of(shop.broadcast).code == "NEXT"


@pytest.mark.parametrize("changes", [{"left": 0}, {"stopped_at": timezone.now()}])
def test_nobody_is_shown_what_is_gone(shop, coupon, changes):
    drop_coupon(coupon.pk, shop.broadcast.pk, by=shop.seller)
    Coupon.objects.update(**changes)
    assert coupon_of(shop.broadcast) is None
    with pytest.raises(NothingToDrop):
        drop_coupon(coupon.pk, shop.broadcast.pk, by=shop.seller)


def test_a_show_that_is_not_on_the_air_has_no_drops(shop, coupon):
    type(shop.broadcast).objects.update(status="scheduled")
    with pytest.raises(NothingToDrop):
        drop_coupon(coupon.pk, shop.broadcast.pk, by=shop.seller)


def test_news_of_a_cancelled_order_give_it_back(shop, coupon, claimed, django_capture_on_commit_callbacks):
    checkout = shop.hold()
    apply_coupon(checkout.pk, coupon.code)
    checkout.orders.update(status="paid")
    with django_capture_on_commit_callbacks(execute=True):
        move_order(checkout.orders.get().pk, "cancelled")
    claimed.refresh_from_db()
    assert claimed.checkout is None


# --- Staff


@pytest.fixture
def staff(client, db):
    member = make_member(is_staff=True, is_superuser=True)
    client.force_login(member)
    return member


def test_staff_make_the_platforms_coupons_and_end_any(client, shop, coupon, staff):
    values = {
        "name": "오픈 기념",
        "code": "open2026",
        "percent": "10",
        "at_most": "5000",
        "minimum": "0",
        "quantity": "500",
        "platform_share": "70",
        "starts_at": "2026-01-01T00:00",
        "ends_at": "2099-01-01T00:00",
    }
    response = client.post("/admin/orders/coupon/add/", values)
    assert response.status_code == 302
    made = Coupon.objects.get(code="OPEN2026")
    assert (made.seller, made.left, made.platform_share) == (None, 500, 70)
    chosen = {"action": "stop", "_selected_action": [made.pk, coupon.pk]}
    client.post("/admin/orders/coupon/", chosen)
    assert not Coupon.objects.filter(stopped_at=None).exists()
    assert client.post(f"/admin/orders/coupon/{made.pk}/change/", values).status_code == 403


@pytest.mark.parametrize("name", ["coupon", "flashdeal", "waiting"])
def test_the_admins_lists_open(client, shop, coupon, staff, name):
    assert client.get(f"/admin/orders/{name}/").status_code == 200


# --- Taking a hold anew


@pytest.fixture(params=["failed", "expired"])
def over(request, client, shop, coupon, claimed):
    """A checkout with a coupon that came to nothing; its buyer is at the browser."""
    client.force_login(shop.buyer)
    checkout, payment = shop.start()
    apply_coupon(checkout.pk, coupon.code)
    if request.param == "failed":
        start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
        payment = checkout.payments.latest("pk")
        choose(payment, "fail")
        settle_payment(payment.pk)
    else:
        let_time_run_out(checkout)
        expire_holds()
    checkout.refresh_from_db()
    assert checkout.status == request.param
    return checkout


def take_again(client, checkout, key=None):
    client.post(reverse("orders:checkout_again", args=[checkout.code]), {"key": key or str(uuid4())})
    return Checkout.objects.latest("pk")


def test_the_coupon_comes_along_to_the_next_hold(client, shop, claimed, over):
    key = str(uuid4())
    new = take_again(client, over, key)
    assert (new.coupon_id, new.discount, new.total) == (claimed.coupon_id, 3_000, 9_900)
    claimed.refresh_from_db()
    assert claimed.checkout == new
    remove_coupon(new.pk)
    assert (over.coupon_id, Checkout.objects.get(pk=new.pk).coupon) == (claimed.coupon_id, None)


def test_a_coupon_chosen_meanwhile_stays(client, shop, claimed, over):
    better = make_coupon(code="MORE", amount=5_000)
    claim_coupon(shop.buyer, better.code)
    key = str(uuid4())
    new = take_again(client, over, key)
    apply_coupon(new.pk, better.code)
    assert take_again(client, over, key) == new
    new.refresh_from_db()
    assert (new.coupon, new.discount) == (better, 5_000)


@pytest.mark.parametrize("how", ["over", "used"])
def test_a_coupon_that_counts_no_more_stays_behind(client, shop, coupon, over, how):
    if how == "over":
        stop_coupon(coupon.pk)
    else:
        apply_coupon(shop.hold().pk, coupon.code)
    new = take_again(client, over)
    assert (new.pk > over.pk, new.status, new.coupon, new.total) == (True, "open", None, 12_900)


def test_a_coupon_that_was_taken_off_again_does_not_come_back(client, shop, coupon, claimed):
    client.force_login(shop.buyer)
    checkout = shop.hold()
    apply_coupon(checkout.pk, coupon.code)
    remove_coupon(checkout.pk)
    cancel_hold(checkout.pk, by=shop.buyer)
    assert take_again(client, checkout).total == 12_900
