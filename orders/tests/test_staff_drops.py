"""Staff drop a coupon of the platform's in a running show: who may, what is told, what is refused."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from broadcasts.models import Broadcast, BroadcastLog
from orders.deals.coupon_making import NothingToDrop, drop_coupon
from orders.deals.coupons import claim_coupon
from orders.deals.room import coupon_of
from orders.models import Coupon
from orders.tests.test_coupons import make_coupon
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def coupon():
    return make_coupon(code="OPEN2026", name="오픈 기념", platform_share=100)


@pytest.fixture
def staff(client):
    """Somebody who may change coupons and nothing else."""
    member = make_member(is_staff=True)
    member.user_permissions.set(Permission.objects.filter(codename="change_coupon"))
    client.force_login(member)
    return member


def page(coupon):
    return reverse("admin:orders_coupon_drop", args=[coupon.pk])


def card(coupon):
    return reverse("admin:orders_coupon_change", args=[coupon.pk])


def test_staff_drop_it_in_a_running_show(client, shop, coupon, staff, monkeypatch):
    told = []
    monkeypatch.setattr("orders.deals.coupon_making.send_on_commit", lambda *news: told.append(news))
    assert page(coupon) in client.get(card(coupon)).content.decode()
    assert "하늘상점" in client.get(page(coupon)).content.decode()
    answer = client.post(page(coupon), {"show": shop.broadcast.pk})
    assert answer.headers["Location"] == card(coupon)
    shop.broadcast.refresh_from_db()
    event = coupon_of(shop.broadcast)
    assert (event.code, told) == ("OPEN2026", [(shop.broadcast.room, event)])
    assert BroadcastLog.objects.get(type="coupon.dropped").by == staff
    assert shop.broadcast.title in LogEntry.objects.get().change_message
    assert claim_coupon(shop.buyer, event.code).coupon == coupon


@pytest.mark.parametrize(
    ("who", "status"),
    [("anonymous", 302), ("seller", 302), ("other member", 302), ("staff", 403), ("staff who may look", 403)],
)
def test_nobody_else_does(client, shop, coupon, who, status):
    if who != "anonymous":
        member = shop.seller if who == "seller" else make_member(is_staff=who.startswith("staff"))
        if who == "staff who may look":
            member.user_permissions.set(Permission.objects.filter(codename="view_coupon"))
        client.force_login(member)
    assert client.get(page(coupon)).status_code == status
    assert client.post(page(coupon), {"show": shop.broadcast.pk}).status_code == status
    if who == "staff who may look":
        assert page(coupon) not in client.get(card(coupon)).content.decode()
    assert Coupon.objects.get().broadcast is None


def test_a_seller_does_not_drop_it_by_the_panel(client, shop, coupon):
    client.force_login(shop.seller)
    address = reverse("orders:drop_coupon", args=[shop.broadcast.code, coupon.code])
    assert client.post(address).status_code == 404
    assert Coupon.objects.get().broadcast is None


@pytest.mark.parametrize("status", ["scheduled", "ended"])
def test_only_shows_that_run_may_be_chosen(client, shop, coupon, staff, status):
    other = make_broadcast(make_member(nickname="먼 상점"), status=status)
    assert "먼 상점" not in client.get(page(coupon)).content.decode()
    answer = client.post(page(coupon), {"show": other.pk})
    assert answer.status_code == 422
    assert "방송 중이 아니에요" in answer.content.decode()


def test_a_show_that_ended_a_moment_ago_refuses(client, shop, coupon, staff, monkeypatch):
    """It was on the air when the form was looked at, and is not any more under the lock."""

    def ended(broadcast_id):
        Broadcast.objects.update(status="ended")
        return Broadcast.objects.get(pk=broadcast_id)

    monkeypatch.setattr("orders.deals.coupon_making.lock_broadcast", ended)
    answer = client.post(page(coupon), {"show": shop.broadcast.pk})
    assert answer.status_code == 422
    assert "방송 중에, 남아 있는 쿠폰만" in answer.content.decode()
    assert Coupon.objects.get().broadcast is None


@pytest.mark.parametrize("changes", [{"left": 0}, {"stopped_at": "2026-01-01T00:00Z"}])
def test_what_is_gone_is_refused_in_words(client, shop, coupon, staff, changes):
    Coupon.objects.update(**changes)
    answer = client.post(page(coupon), {"show": shop.broadcast.pk})
    assert answer.status_code == 422
    assert "남아 있는 쿠폰만" in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_a_sellers_own_coupon_is_not_for_staff_to_drop(client, shop, staff):
    own = make_coupon(shop.seller)
    assert client.get(page(own)).status_code == 404
    assert client.post(page(own), {"show": shop.broadcast.pk}).status_code == 404
    assert page(own) not in client.get(card(own)).content.decode()


def test_a_sellers_coupon_stays_in_their_own_shows(shop):
    foreign = make_coupon(make_member(), code="OTHERS")
    with pytest.raises(NothingToDrop, match="뿌릴 수 없는"):
        drop_coupon(foreign.pk, shop.broadcast.pk, by=shop.seller)


def test_it_takes_the_place_of_the_sellers_and_leaves_another_show(client, shop, coupon, staff):
    drop_coupon(make_coupon(shop.seller).pk, shop.broadcast.pk, by=shop.seller)
    other = make_broadcast(make_member(), status="live")
    for show in (other, shop.broadcast):
        client.post(page(coupon), {"show": show.pk})
    shop.broadcast.refresh_from_db()
    assert coupon_of(shop.broadcast).code == "OPEN2026"
    assert coupon_of(other) is None
