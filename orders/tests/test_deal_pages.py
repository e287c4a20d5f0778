"""The pages of deals, coupons and queues: who may, what they show, what a bad answer looks like."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from broadcasts.streaming.local import LocalStreaming
from catalog.models import StockMovement, Variant
from catalog.stock import move_stock
from orders.deals.coupons import claim_coupon
from orders.deals.flash import start_deal
from orders.deals.waiting import join, offer_next
from orders.models import Coupon, CouponClaim, FlashDeal, Waiting
from orders.tests.test_coupons import make_coupon
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def quiet_ingest(monkeypatch):
    monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: [])


@pytest.fixture
def seller(client, shop):
    client.force_login(shop.seller)
    return shop.seller


@pytest.fixture
def buyer(client, shop):
    client.force_login(shop.buyer)
    return shop.buyer


def url(name, *args):
    return reverse(f"orders:{name}", args=args)


def start(shop, **changes):
    values = {"price": 9_900, "minutes": 10, "by": shop.seller} | changes
    return start_deal(shop.broadcast.lineup.get().pk, **values)


def post_deal(client, shop, **changes):
    values = {"product": shop.product.code, "price": "9900", "minutes": "10"} | changes
    return client.post(url("deals", shop.broadcast.code), values, headers=HTMX)


# --- The seller's panel


def panel_urls(shop, coupon):
    code = shop.broadcast.code
    return [
        url("deals", code),
        url("stop_deal", code, shop.product.code),
        url("drop_coupon", code, coupon.code),
    ]


@pytest.mark.parametrize(("who", "status"), [("anonymous", 302), ("member", 403), ("staff", 403)])
def test_only_the_seller_of_the_show_reaches_its_panel(client, shop, who, status):
    coupon = make_coupon(shop.seller)
    deal = start(shop)
    if who != "anonymous":
        client.force_login(make_member(is_staff=who == "staff"))
    assert client.get(url("deals", shop.broadcast.code)).status_code == status
    for address in panel_urls(shop, coupon):
        assert client.post(address, {"product": shop.product.code}).status_code == status
    deal.refresh_from_db()
    assert (deal.stopped_at, Coupon.objects.get().broadcast) == (None, None)


def test_a_seller_starts_and_ends_a_deal_in_place(client, shop, seller):
    response = post_deal(client, shop, quantity="5", per_member="2")
    assert response.status_code == 200
    assert "5개 중 5개 남음" in response.content.decode()
    deal = FlashDeal.objects.get()
    assert (deal.price, deal.left, deal.per_member) == (9_900, 5, 2)
    response = client.post(url("stop_deal", shop.broadcast.code, shop.product.code), headers=HTMX)
    assert "특가 열기" in response.content.decode()
    deal.refresh_from_db()
    assert deal.stopped_at


def test_without_scripts_the_panel_is_a_page_of_its_own(client, shop, seller):
    page = client.get(url("deals", shop.broadcast.code)).content.decode()
    assert "<title>" in page
    response = client.post(
        url("deals", shop.broadcast.code), {"product": shop.product.code, "price": "9900", "minutes": "5"}
    )
    assert response.headers["Location"] == url("deals", shop.broadcast.code)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"price": "12900"}, "판매가 12,900원보다 낮은"),
        ({"price": ""}, "특가를 적어 주세요."),
        ({"price": "싸게"}, "숫자로 적어 주세요."),
        ({"minutes": "0"}, "1부터"),
        ({"minutes": "1441"}, "1440까지"),
        ({"quantity": "0"}, "1부터"),
        ({"starts_at": "2020-01-01T10:00"}, "이미 지난 시각"),
    ],
)
def test_a_bad_deal_is_explained_in_its_form(client, shop, seller, changes, says):
    response = post_deal(client, shop, **changes)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not FlashDeal.objects.exists()


def test_a_second_deal_is_explained(client, shop, seller):
    start(shop)
    response = post_deal(client, shop, price="9000")
    assert response.status_code == 422
    assert FlashDeal.objects.count() == 1


def test_a_product_of_another_show_is_not_found(client, shop, seller):
    other = make_product(shop.seller)
    assert post_deal(client, shop, product=other.code).status_code == 404
    assert client.post(url("stop_deal", shop.broadcast.code, other.code)).status_code == 404


def test_the_panel_takes_as_many_queries_for_many_products_as_for_one(
    client, shop, seller, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20) as one:
        client.get(url("deals", shop.broadcast.code), headers=HTMX)
    for position in range(1, 5):
        item = shop.broadcast.lineup.create(product=make_product(shop.seller), position=position)
        start_deal(item.pk, price=5_000, minutes=10, by=shop.seller)
        make_coupon(shop.seller, code=f"CODE{position}")
    with django_assert_max_num_queries(len(one)):
        client.get(url("deals", shop.broadcast.code), headers=HTMX)


def test_a_coupon_is_dropped_from_the_panel(client, shop, seller):
    coupon = make_coupon(shop.seller)
    make_coupon(make_member(), code="OTHERS", name="남의 쿠폰")
    page = client.get(url("deals", shop.broadcast.code), headers=HTMX).content.decode()
    assert "하늘 쿠폰" in page
    assert "남의 쿠폰" not in page
    response = client.post(url("drop_coupon", shop.broadcast.code, coupon.code), headers=HTMX)
    assert "모두에게 보여 줬어요" in response.content.decode()
    assert Coupon.objects.get(pk=coupon.pk).broadcast == shop.broadcast
    assert client.post(url("drop_coupon", shop.broadcast.code, "OTHERS")).status_code == 404


def test_a_coupon_that_is_gone_is_not_dropped(client, shop, seller):
    coupon = make_coupon(shop.seller)
    Coupon.objects.update(left=0)
    response = client.post(url("drop_coupon", shop.broadcast.code, coupon.code), headers=HTMX)
    assert response.status_code == 409
    assert "남아 있는 쿠폰만" in response.content.decode()


# --- What viewers see


@pytest.mark.parametrize("name", ["watch", "lineup"])
def test_a_viewer_sees_the_price_of_now_beside_the_usual_one(client, shop, name):
    start(shop, quantity=3)
    page = client.get(reverse(f"broadcasts:{name}", args=[shop.broadcast.code])).content.decode()
    assert 'data-kind="flash"' in page
    assert '<strong class="price" data-product-price>9,900원</strong>' in page
    assert "12,900원" in page
    assert "3개 남음" in page


def test_the_main_page_shows_the_price_of_now_in_fixed_queries(client, shop, django_assert_max_num_queries):
    shop.broadcast.lineup.update(live_price=11_000)
    with django_assert_max_num_queries(20) as one:
        page = client.get(reverse("broadcasts:home")).content.decode()
    assert "11,000원" in page
    for _each in range(3):
        product = make_product(make_member())
        make_broadcast(product.seller, products=[product], status="live", started_at=timezone.now())
    with django_assert_max_num_queries(len(one)):
        client.get(reverse("broadcasts:home"))


def test_the_control_room_shows_prices_and_asks_for_the_panel(client, shop, seller):
    shop.broadcast.lineup.update(live_price=11_000)
    page = client.get(reverse("broadcasts:control_room", args=[shop.broadcast.code])).content.decode()
    assert "방송 중 가격 11,000원" in page
    assert url("deals", shop.broadcast.code) in page


# --- A seller's coupons


def coupon_values(**changes):
    now = timezone.localtime()
    return {
        "name": "첫 구매 쿠폰",
        "code": "hello1",
        "amount": "3000",
        "percent": "",
        "at_most": "",
        "minimum": "10000",
        "quantity": "100",
        "starts_at": now.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
    } | changes


def test_a_seller_makes_a_coupon_and_ends_it(client, shop, seller):
    response = client.post(url("new_coupon"), coupon_values())
    assert response.headers["Location"] == url("coupons")
    coupon = Coupon.objects.get()
    assert (coupon.seller, coupon.code, coupon.left, coupon.platform_share) == (seller, "HELLO1", 100, 0)
    claim_coupon(shop.buyer, "HELLO1")
    page = client.get(url("coupons")).content.decode()
    assert "1 / 100장" in page
    client.post(url("stop_coupon", "HELLO1"))
    coupon.refresh_from_db()
    assert coupon.stopped_at


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"amount": ""}, "할인 금액과 할인율 가운데 하나를"),
        ({"percent": "10"}, "할인 금액과 할인율 가운데 하나를"),
        ({"code": "한글코드"}, "영문과 숫자로"),
        ({"code": "abc"}, "4자 이상"),
        ({"code": "taken1"}, "이미 있는 코드"),
        ({"ends_at": "2020-01-01T10:00"}, "이미 지난 시각"),
        ({"starts_at": "2099-01-01T10:00"}, "시작보다 나중"),
        ({"name": ""}, "이름을 적어 주세요."),
        ({"amount": "", "percent": "91"}, "90까지"),
        ({"amount": "0"}, "1부터"),
        ({"quantity": "0"}, "1부터"),
    ],
)
def test_a_bad_coupon_is_explained(client, shop, seller, changes, says):
    make_coupon(make_member(), code="TAKEN1")
    response = client.post(url("new_coupon"), coupon_values(**changes))
    assert response.status_code == 422
    assert says in response.content.decode()
    assert Coupon.objects.count() == 1


def test_a_seller_sees_and_ends_only_own_coupons(client, shop, seller):
    other = make_coupon(make_member(), name="남의 쿠폰")
    page = client.get(url("coupons")).content.decode()
    assert "남의 쿠폰" not in page
    assert "아직 만든 쿠폰이 없어요" in page
    assert client.post(url("stop_coupon", other.code)).status_code == 404
    other.refresh_from_db()
    assert other.stopped_at is None


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    client, shop, seller, django_assert_max_num_queries
):
    make_coupon(shop.seller)
    with django_assert_max_num_queries(15) as one:
        client.get(url("coupons"))
    for number in range(4):
        make_coupon(shop.seller, code=f"CODE{number}")
    with django_assert_max_num_queries(len(one)):
        client.get(url("coupons"))


@pytest.mark.parametrize("name", ["coupons", "new_coupon", "my_coupons"])
def test_coupon_pages_need_sign_in(client, db, name):
    assert client.get(url(name)).headers["Location"].startswith(reverse("account_login"))


# --- A member's coupons


def test_a_member_enters_a_code_and_finds_the_coupon(client, shop, buyer):
    assert "아직 쿠폰이 없어요" in client.get(url("my_coupons")).content.decode()
    make_coupon(shop.seller, minimum=10_000)
    response = client.post(url("my_coupons"), {"code": "sky3000"}, follow=True)
    page = response.content.decode()
    for text in ("쿠폰을 받았어요", "3,000원 할인", "하늘상점 상품", "10,000원 이상", "쓸 수 있어요"):
        assert text in page
    again = client.post(url("my_coupons"), {"code": "SKY3000"})
    assert (again.status_code, "이미 받은 쿠폰" in again.content.decode()) == (422, True)


def test_codes_cannot_be_tried_out_quickly(client, shop, buyer):
    answers = [client.post(url("my_coupons"), {"code": f"GUESS{n}"}).status_code for n in range(12)]
    assert answers[:10] == [422] * 10
    assert answers[10:] == [429, 429]


def test_the_button_in_a_show_answers_in_its_place(client, shop, buyer):
    make_coupon(shop.seller)
    assert "쿠폰을 받았어요" in client.post(url("claim_coupon"), {"code": "SKY3000"}).content.decode()
    assert "이미 받은" in client.post(url("claim_coupon"), {"code": "SKY3000"}).content.decode()
    assert "없는 쿠폰" in client.post(url("claim_coupon"), {"code": ""}).content.decode()
    assert CouponClaim.objects.count() == 1


def test_my_coupons_take_as_many_queries_for_many_as_for_one(
    client, shop, buyer, django_assert_max_num_queries
):
    make_coupon(shop.seller)
    claim_coupon(shop.buyer, "SKY3000")
    with django_assert_max_num_queries(15) as one:
        client.get(url("my_coupons"))
    for number in range(4):
        make_coupon(make_member(), code=f"CODE{number}")
        claim_coupon(shop.buyer, f"CODE{number}")
    with django_assert_max_num_queries(len(one)):
        client.get(url("my_coupons"))


# --- At the checkout


def test_the_checkout_offers_uses_and_drops_a_coupon(client, shop, buyer):
    make_coupon(shop.seller)
    claim_coupon(shop.buyer, "SKY3000")
    checkout = shop.hold()
    page = client.get(url("checkout", checkout.code)).content.decode()
    assert "-3,000원" in page
    response = client.post(url("checkout_coupon", checkout.code), {"coupon": "SKY3000"})
    assert response.headers["Location"] == url("checkout", checkout.code)
    checkout.refresh_from_db()
    assert checkout.total == 9_900
    assert "9,900원" in client.get(url("checkout", checkout.code)).content.decode()
    client.post(url("checkout_coupon", checkout.code), {"coupon": ""})
    checkout.refresh_from_db()
    assert checkout.total == 12_900


def test_a_code_may_be_entered_right_there(client, shop, buyer):
    make_coupon(shop.seller)
    checkout = shop.hold()
    client.post(url("checkout_coupon", checkout.code), {"coupon": "sky3000"})
    checkout.refresh_from_db()
    assert checkout.total == 9_900


def test_a_code_that_is_none_is_explained_on_the_page(client, shop, buyer):
    checkout = shop.hold()
    response = client.post(url("checkout_coupon", checkout.code), {"coupon": "NOTHING"}, follow=True)
    assert "없는 쿠폰이에요" in response.content.decode()


@pytest.mark.parametrize("who", ["anonymous", "member", "staff", "seller"])
def test_nobody_else_changes_a_checkouts_coupon(client, shop, who):
    make_coupon(shop.seller)
    claim_coupon(shop.buyer, "SKY3000")
    checkout = shop.hold()
    if who == "seller":
        client.force_login(shop.seller)
    elif who != "anonymous":
        client.force_login(make_member(is_staff=who == "staff"))
    assert client.post(url("checkout_coupon", checkout.code), {"coupon": "SKY3000"}).status_code == 404
    checkout.refresh_from_db()
    assert checkout.discount == 0


# --- The queue


@pytest.fixture
def sold_out(shop):
    move_stock(shop.variant.pk, -10, kind=StockMovement.Kind.LOST, by=shop.seller)
    return Variant.objects.select_related("product", "stock").get(pk=shop.variant.pk)


def test_a_guest_is_asked_to_sign_in_and_comes_back(client, sold_out):
    page = client.get(
        url("waiting", sold_out.code), headers=HTMX | {"HX-Current-URL": "http://testserver/live/abc/"}
    ).content.decode()
    assert "로그인하고 대기하기" in page
    assert "next=/live/abc/" in page
    assert (
        client.post(url("join_queue", sold_out.code)).headers["Location"].startswith(reverse("account_login"))
    )
    assert not Waiting.objects.exists()


def test_a_member_joins_sees_the_place_and_leaves(client, sold_out, buyer):
    join(make_member(), sold_out)
    assert "대기하기" in client.get(url("waiting", sold_out.code), headers=HTMX).content.decode()
    assert "대기 2번째" in client.post(url("join_queue", sold_out.code), headers=HTMX).content.decode()
    assert "대기하기" in client.post(url("leave_queue", sold_out.code), headers=HTMX).content.decode()
    assert list(Waiting.objects.values_list("status", flat=True)) == ["waiting", "left"]


def test_whose_turn_came_finds_the_way_to_the_checkout(client, shop, sold_out, buyer):
    join(buyer, sold_out)
    move_stock(sold_out.pk, 1, kind=StockMovement.Kind.RECEIVED, by=shop.seller)
    offer_next(sold_out.pk)
    page = client.get(url("waiting", sold_out.code), headers=HTMX).content.decode()
    assert url("checkout", Waiting.objects.get().checkout.code) in page


def test_what_is_there_is_not_waited_for(client, shop, buyer):
    response = client.post(url("join_queue", shop.variant.code), headers=HTMX)
    assert (response.status_code, "지금 바로 살 수 있어요" in response.content.decode()) == (409, True)
    assert client.get(url("waiting", "nothing")).status_code == 404
