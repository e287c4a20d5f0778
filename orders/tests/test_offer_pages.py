"""Pages of offers: who sees and does what."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Stock, Variant
from orders.deals.coupons import apply_coupon, claim_coupon
from orders.holding import Wanted, take_hold
from orders.models import Checkout, Offer
from orders.second_hand.offers import accept_offer, check_out, counter_offer, withdraw_offer
from orders.sweeps import expire_holds
from orders.tests.second_hand import PRICE, open_stall, pay
from orders.tests.shop import ADDRESS, let_time_run_out
from orders.tests.test_coupons import make_coupon
from tests.makers import make_member, make_product

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


@pytest.fixture
def stall():
    return open_stall()


def slot(stall):
    return reverse("orders:offer_slot", args=[stall.product.code])


def page(offer, name="offer"):
    return reverse(f"orders:{name}", args=[offer.code])


def show(client, stall, member=None):
    if member:
        client.force_login(member)
    return client.get(slot(stall), headers=PARTIAL).content.decode()


def test_the_corner_of_the_product_page_fits_its_reader(client, stall):
    assert "로그인하고 제안하기" in show(client, stall)
    assert "아직 받은 제안이 없어요" in show(client, stall, stall.seller)
    assert 'name="price"' in show(client, stall, stall.buyer)
    offer = stall.offer()
    assert page(offer) in show(client, stall, stall.buyer)
    assert "1건" in show(client, stall, stall.seller)
    accept_offer(offer.pk, "seller", seen_price=offer.price)
    assert "이 가격으로 결제하기" in show(client, stall, stall.buyer)


def test_the_corner_says_that_nothing_is_left(client, stall):
    Stock.objects.update(left=0)
    assert "다 팔려서" in show(client, stall, stall.buyer)


def test_retail_goods_have_no_such_corner(client, stall):
    stall.product = make_product(stall.seller)
    assert show(client, stall, stall.buyer).strip() == ""


def test_it_is_a_page_of_its_own_without_scripts(client, stall):
    client.force_login(stall.buyer)
    response = client.get(slot(stall))
    assert "orders/second_hand/make.html" in [template.name for template in response.templates]


def test_an_offer_is_made_and_shown(client, stall):
    client.force_login(stall.buyer)
    response = client.post(
        slot(stall), {"variant": stall.variant.code, "price": "8000", "message": "오늘 갈게요"}
    )
    offer = Offer.objects.get()
    assert response.headers["Location"] == page(offer)
    assert (offer.price, offer.message, offer.buyer) == (8_000, "오늘 갈게요", stall.buyer)
    html = client.get(page(offer)).content.decode()
    assert "8,000원" in html
    assert "상대방의 답을 기다리고" in html


@pytest.mark.parametrize(
    ("price", "words"),
    [("", "제안 금액(원)"), ("abc", "숫자로"), ("100", "3,000원부터"), ("9" * 5000, "숫자로")],
)
def test_what_is_wrong_is_said_beside_the_form(client, stall, price, words):
    client.force_login(stall.buyer)
    response = client.post(slot(stall), {"variant": stall.variant.code, "price": price})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Offer.objects.exists()


def test_a_variant_of_something_else_cannot_be_offered_on(client, stall):
    other = make_product(stall.seller, deal="second_hand").variants.get()
    client.force_login(stall.buyer)
    assert client.post(slot(stall), {"variant": other.code, "price": "8000"}).status_code == 422
    assert not Offer.objects.exists()


def test_one_chooses_among_variants(client, stall):
    red = Variant.objects.create(product=stall.product, values=["빨강"], name="빨강")
    Stock.objects.create(variant=red, left=1)
    assert "빨강" in show(client, stall, stall.buyer)
    client.post(slot(stall), {"variant": red.code, "price": "8000"})
    assert Offer.objects.get().variant == red


def test_a_guest_signs_in_first(client, stall):
    response = client.post(slot(stall), {"variant": stall.variant.code, "price": "8000"})
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


def test_offers_come_only_so_fast(client, stall):
    client.force_login(stall.buyer)
    answers = [client.post(slot(stall), {"price": "1"}).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_each_side_has_its_list(client, stall):
    offer = stall.offer()
    for member, mine, others in (
        (stall.buyer, "offers", "offers_received"),
        (stall.seller, "offers_received", "offers"),
    ):
        client.force_login(member)
        assert page(offer) in client.get(reverse(f"orders:{mine}")).content.decode()
        assert page(offer) not in client.get(reverse(f"orders:{others}")).content.decode()


def test_a_list_takes_the_same_queries_however_long(client, stall, django_assert_max_num_queries):
    for _ in range(5):
        stall.offer(buyer=make_member())
    client.force_login(stall.seller)
    with django_assert_max_num_queries(14):
        assert client.get(reverse("orders:offers_received")).status_code == 200


def test_others_know_nothing_of_an_offer(client, stall):
    offer = stall.offer()
    client.force_login(make_member(is_staff=True))
    assert client.get(page(offer)).status_code == 404
    for name in ("counter", "accept", "decline", "withdraw", "buy"):
        assert client.post(page(offer, f"offer_{name}"), {"price": "8000"}).status_code == 404
    offer.refresh_from_db()
    assert offer.status == "open"


def test_a_seller_neither_withdraws_nor_buys(client, stall):
    offer = stall.offer()
    client.force_login(stall.seller)
    for name in ("withdraw", "buy"):
        assert client.post(page(offer, f"offer_{name}")).status_code == 404


def test_the_whole_way_from_offer_to_checkout(client, stall):
    offer = stall.offer(7_000)
    client.force_login(stall.seller)
    assert "7,000원 수락하기" in client.get(page(offer)).content.decode()
    client.post(page(offer, "offer_counter"), {"price": "9000"})
    client.force_login(stall.buyer)
    client.post(page(offer, "offer_accept"), {"price": "9000"})
    assert "9,000원에 결제하기" in client.get(page(offer)).content.decode()
    response = client.post(page(offer, "offer_buy"))
    offer.refresh_from_db()
    assert response.headers["Location"] == reverse("orders:checkout", args=[offer.checkout.code])
    assert client.get(response.headers["Location"]).status_code == 200
    order = pay(offer.checkout)
    assert reverse("orders:receipt", args=[order.code]) in client.get(page(offer)).content.decode()


@pytest.fixture
def lapsed(client, stall):
    """A hold at the agreed price that ran out; its buyer is at the browser."""
    offer = stall.offer(8_000)
    accept_offer(offer.pk, "seller", seen_price=8_000)
    checkout = check_out(offer.pk, address=ADDRESS)
    let_time_run_out(checkout)
    expire_holds()
    client.force_login(stall.buyer)
    return checkout


def again(client, checkout):
    key = {"key": str(uuid4())}
    return client.post(reverse("orders:checkout_again", args=[checkout.code]), key, follow=True)


def test_a_hold_taken_anew_keeps_the_agreed_price_as_often_as_needed(client, stall, lapsed):
    for _time in range(2):
        response = again(client, lapsed)  # the first hold's page: by now the offer knows a later one only
        new = Checkout.objects.latest("pk")
        assert response.redirect_chain[-1][0] == reverse("orders:checkout", args=[new.code])
        assert (new.goods, new.status, new.address) == (8_000, "open", ADDRESS)
        assert again(client, lapsed).redirect_chain[0][0] == response.redirect_chain[0][0]
        let_time_run_out(new)
    assert Checkout.objects.count() == 3


@pytest.mark.parametrize("how", ["late", "withdrawn"])
def test_an_agreed_price_that_is_over_is_said_to_be(client, stall, lapsed, how):
    if how == "late":
        Offer.objects.update(expires_at=timezone.now())
    else:
        withdraw_offer(Offer.objects.get().pk)
    response = again(client, lapsed)
    assert "이 가격으로 살 수 있는 시간이 지났어요." in response.content.decode()
    assert response.redirect_chain[-1][0] == page(Offer.objects.get())
    assert Checkout.objects.count() == 1


def test_who_paid_no_heed_to_an_offer_buys_again_at_the_usual_price(client, stall):
    stall.offer(8_000)
    wanted = Wanted(variant_id=stall.variant.pk, quantity=1, seen_price=PRICE)
    checkout = take_hold(stall.buyer, [wanted], key=uuid4())
    let_time_run_out(checkout)
    expire_holds()
    client.force_login(stall.buyer)
    again(client, checkout)
    assert [held.goods for held in Checkout.objects.all()] == [PRICE, PRICE]


def test_a_coupon_comes_along_at_the_agreed_price(client, stall):
    offer = stall.offer(8_000)
    accept_offer(offer.pk, "seller", seen_price=8_000)
    checkout = check_out(offer.pk)
    claim_coupon(stall.buyer, make_coupon(stall.seller).code)
    apply_coupon(checkout.pk, "SKY3000")
    let_time_run_out(checkout)
    client.force_login(stall.buyer)
    client.post(page(offer, "offer_buy"))
    assert Checkout.objects.latest("pk").total == 5_000


def test_a_refused_counter_keeps_what_was_typed(client, stall):
    offer = stall.offer(7_000)
    client.force_login(stall.seller)
    response = client.post(page(offer, "offer_counter"), {"price": "6000"})
    assert response.status_code == 422
    assert 'value="6000"' in response.content.decode()


@pytest.mark.parametrize("price", ["", "7000", "abc"])
def test_only_the_price_on_the_page_is_accepted(client, stall, price):
    offer = stall.offer(8_000)
    client.force_login(stall.seller)
    client.post(page(offer, "offer_accept"), {"price": price})
    offer.refresh_from_db()
    assert offer.status == "open"


def test_declining_and_withdrawing_end_it(client, stall):
    declined, withdrawn = stall.offer(), stall.offer(buyer=make_member())
    client.force_login(stall.seller)
    client.post(page(declined, "offer_decline"))
    assert "거절된 제안" in client.get(page(declined)).content.decode()
    client.force_login(withdrawn.buyer)
    client.post(page(withdrawn, "offer_withdraw"))
    assert "구매자가 거둔" in client.get(page(withdrawn)).content.decode()


def test_who_comes_second_reads_that_it_is_gone(client, stall):
    first, second = stall.offer(), stall.offer(buyer=make_member())
    for offer in (first, second):
        accept_offer(offer.pk, "seller", seen_price=8_000)
    check_out(first.pk)
    client.force_login(second.buyer)
    response = client.post(page(second, "offer_buy"), follow=True)
    assert "다른 분이 사 갔어요" in response.content.decode()


def test_news_bring_the_thread_alone(client, stall):
    offer = stall.offer()
    counter_offer(offer.pk, "seller", price=9_000)
    client.force_login(stall.buyer)
    html = client.get(page(offer), headers=PARTIAL).content.decode()
    assert "<html" not in html
    assert f'data-offer-part="{offer.code}"' in html
    assert "9,000원 수락하기" in html
