"""What viewers see of advertisements and what their clicks count, and the seller's pages."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.ads import counting
from orders.ads.counting import count_click, flush_impressions
from orders.models import Ad, AdDay
from orders.tests.test_ads import make_ad, no_redis
from tests.makers import make_category, make_member, make_product

pytestmark = pytest.mark.django_db

__all__ = ["no_redis"]
BROWSER = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/605"}
MAIN = "/ads/main/"


@pytest.fixture
def ad():
    return make_ad(make_product(make_member(), name="울 자켓"))


@pytest.fixture
def viewer():
    return Client(headers=BROWSER)


def address_in(text):
    return unescape(re.search(r'href="(/ads/[^"]+)"', text)[1])


def clicks():
    return sum(AdDay.objects.values_list("clicks", flat=True))


def test_a_place_without_advertisements_is_empty_and_sets_no_cookie(viewer):
    answer = viewer.get(MAIN)
    assert (answer.status_code, answer.text, answer.cookies) == (200, "", {})


def test_it_is_marked_as_an_advertisement(viewer, ad):
    text = viewer.get(MAIN).text
    assert "광고" in text
    assert "울 자켓" in text
    assert "12,900원" in text
    assert 'rel="nofollow sponsored"' in text


def test_a_category_has_its_own_and_an_unknown_one_is_not_found(viewer):
    category = make_category()
    make_ad(place="category", category=category)
    assert "광고" in viewer.get(reverse("orders:ads_in_category", args=[category.slug])).text
    assert viewer.get(reverse("orders:ads_in_category", args=["nothing"])).status_code == 404


def test_a_guest_who_looks_and_clicks_twice_counts_once(viewer, ad):
    viewer.get(MAIN)
    link = address_in(viewer.get(MAIN).text)
    for _click in range(2):
        answer = viewer.get(link)
        assert answer.status_code == 302
        assert answer["Location"] == reverse("catalog:product", args=[ad.product.code])
    flush_impressions()
    day = AdDay.objects.get()
    assert (day.impressions, day.clicks, day.cost) == (1, 1, 100)


def test_a_member_is_one_viewer_on_all_devices(ad):
    member = make_member()
    for _device in range(2):
        device = Client(headers=BROWSER)
        device.force_login(member)
        device.get(address_in(device.get(MAIN).text))
    flush_impressions()
    day = AdDay.objects.get()
    assert (day.impressions, day.clicks) == (1, 1)


def test_the_seller_counts_for_nothing(viewer, ad):
    viewer.force_login(ad.seller)
    viewer.get(address_in(viewer.get(MAIN).text))
    flush_impressions()
    assert AdDay.objects.count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": "curl/8.5"},
        {"user-agent": ""},
        BROWSER | {"sec-purpose": "prefetch;prerender"},
    ],
)
def test_programs_count_for_nothing(ad, headers):
    program = Client(headers=headers)
    answer = program.get(address_in(program.get(MAIN).text))
    assert answer.status_code == 302
    flush_impressions()
    assert AdDay.objects.count() == 0


def test_a_link_without_its_signature_or_cookie_leads_there_and_counts_nothing(viewer, ad):
    link = address_in(viewer.get(MAIN).text)
    assert viewer.get(link.partition("?")[0]).status_code == 302
    assert viewer.get(link + "x").status_code == 302
    assert Client(headers=BROWSER).get(link).status_code == 302
    assert clicks() == 0
    viewer.get(link)
    assert clicks() == 1


def test_looking_for_the_head_only_counts_nothing(viewer, ad):
    link = address_in(viewer.get(MAIN).text)
    viewer.head(link)
    assert clicks() == 0


def test_without_redis_pages_work(viewer, ad, no_redis):
    link = address_in(viewer.get(MAIN).text)
    assert viewer.get(link).status_code == 302
    assert clicks() == 0


def test_an_unknown_one_and_a_product_that_ended_are_not_found(viewer, ad):
    assert viewer.get(reverse("orders:ad_click", args=["nothing"])).status_code == 404
    ad.product.state = "ended"
    ad.product.save()
    assert viewer.get(reverse("orders:ad_click", args=[ad.code])).status_code == 404


def form_data(product, /, **changes):
    now = timezone.localtime()
    return {
        "product": product.code,
        "place": "main",
        "category": "",
        "click_price": "100",
        "budget": "50000",
        "starts_at": f"{now:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(days=7):%Y-%m-%dT%H:%M}",
    } | changes


def test_a_seller_buys_looks_and_stops(client):
    seller = make_member()
    client.force_login(seller)
    assert "상품을 맨 앞에" in client.get(reverse("orders:ads")).text
    assert "광고할 상품이 없어요" in client.get(reverse("orders:new_ad")).text
    product = make_product(seller)
    assert "300,000원" in client.get(reverse("orders:new_ad")).text
    answer = client.post(reverse("orders:new_ad"), form_data(product), follow=True)
    ad = Ad.objects.get()
    assert (ad.seller, ad.product, ad.budget) == (seller, product, 50_000)
    assert "아직 숫자가 없어요" in answer.text
    count_click(ad, "a")
    assert "100원" in client.get(reverse("orders:ad", args=[ad.code])).text
    assert product.name in client.get(reverse("orders:ads")).text
    client.post(reverse("orders:stop_ad", args=[ad.code]))
    assert Ad.objects.get().state == "stopped"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"budget": "500000"}, "예산을 300,000원까지"),
        ({"budget": "1000", "click_price": "2000"}, "클릭당 금액보다 커야"),
        ({"click_price": "100001"}, "100,000원까지"),
        ({"place": "category"}, "카테고리를 골라"),
        ({"ends_at": "2020-01-01T00:00"}, "시작보다 뒤로"),
        ({"ends_at": "2999-01-01T00:00"}, "90일까지"),
        ({"product": "unknown"}, "선택"),
    ],
)
def test_what_cannot_be_bought_says_why(client, changes, message):
    seller = make_member()
    client.force_login(seller)
    text = client.post(reverse("orders:new_ad"), form_data(make_product(seller), **changes)).text
    assert message in text
    assert Ad.objects.count() == 0


def test_somebody_elses_product_and_advertisement_are_out_of_reach(client, ad):
    member = make_member()
    make_product(member)
    client.force_login(member)
    client.post(reverse("orders:new_ad"), form_data(ad.product))
    assert Ad.objects.count() == 1
    assert client.get(reverse("orders:ad", args=[ad.code])).status_code == 404
    assert client.post(reverse("orders:stop_ad", args=[ad.code])).status_code == 404


def test_the_newest_stand_first(client):
    product = make_product(make_member())
    ads = [make_ad(product) for _number in range(3)]
    client.force_login(product.seller)
    page = client.get(reverse("orders:ads")).context["page"]
    assert [ad.pk for ad in page] == [ad.pk for ad in reversed(ads)]


def test_staff_may_stop_one_and_edit_nothing(admin_client, ad):
    AdDay.objects.create(ad=ad, day=counting.today(), impressions=5)
    assert admin_client.get(reverse("admin:orders_ad_change", args=[ad.pk])).status_code == 200
    data = {"action": "stop", "_selected_action": [ad.pk]}
    for _twice in range(2):
        assert admin_client.post(reverse("admin:orders_ad_changelist"), data).status_code == 302
    assert Ad.objects.get().state == "stopped"
    assert LogEntry.objects.count() == 1
