"""The go-live checklist: each point by itself."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from broadcasts import checklist as module
from broadcasts.checklist import State, checklist
from broadcasts.models import Broadcast, Channel
from broadcasts.streaming.base import LiveStream
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def streams(monkeypatch):
    found = []
    monkeypatch.setattr(module, "known_streams", lambda: found)
    return found


def look(broadcast):
    fresh = Broadcast.objects.for_cards().get(pk=broadcast.pk)
    return {check.code: check for check in checklist(fresh)}


def receive(broadcast, streams, *, has_sound=True):
    channel = broadcast.channel
    Channel.objects.filter(pk=channel.pk).update(signal="receiving")
    now = datetime.now(UTC)
    streams.append(
        LiveStream(ref=channel.provider_ref, stream_id="st-1", started_at=now, has_sound=has_sound)
    )


def test_everything_right(streams):
    seller = make_member()
    broadcast = make_broadcast(seller, products=[make_product(seller, return_terms="7일 안에 보내 주세요.")])
    receive(broadcast, streams)
    checks = look(broadcast)
    assert list(checks) == ["signal", "sound", "stock", "return_terms", "identity"]
    assert {check.state for check in checks.values()} == {State.GOOD}
    assert {check.fix_url for check in checks.values()} == {""}


def test_without_a_picture_the_sound_waits(streams):
    checks = look(make_broadcast(make_member()))
    assert checks["signal"].state == State.BAD
    assert checks["signal"].fix_url == "/studio/channel/"
    assert checks["sound"].state == State.WAITING


def test_a_picture_without_sound_is_found(streams):
    broadcast = make_broadcast(make_member())
    receive(broadcast, streams, has_sound=False)
    checks = look(broadcast)
    assert checks["signal"].state == State.GOOD
    assert checks["sound"].state == State.BAD


def test_where_the_provider_does_not_tell_of_sound_the_seller_listens(streams):
    broadcast = make_broadcast(make_member())
    receive(broadcast, streams, has_sound=None)
    assert look(broadcast)["sound"].state == State.WAITING


def test_a_signal_that_viewers_suffer_from_is_named(streams):
    broadcast = make_broadcast(make_member())
    receive(broadcast, streams)
    news = {"starvation": {"on": True, "at": timezone.now().isoformat()}}
    Channel.objects.filter(pk=broadcast.channel_id).update(health=news)
    check = look(broadcast)["signal"]
    assert (check.state, check.text) == (State.BAD, "영상이 끊겨서 들어오고 있어요")


@pytest.mark.parametrize("fields", [{"stock": 0}, {"state": "paused"}])
def test_something_must_be_for_sale(streams, fields):
    seller = make_member()
    state = fields.pop("state", "on_sale")
    product = make_product(seller, **fields)
    type(product).objects.filter(pk=product.pk).update(state=state)
    check = look(make_broadcast(seller, products=[product]))["stock"]
    assert (check.state, check.fix_url) == (State.BAD, "/studio/products/")


def test_one_product_in_stock_is_enough(streams):
    seller = make_member()
    products = [make_product(seller, stock=0), make_product(seller, stock=1)]
    assert look(make_broadcast(seller, products=products))["stock"].state == State.GOOD


def test_shops_say_how_goods_come_back_but_persons_need_not(streams):
    seller = make_member()
    silent = make_product(seller)
    second_hand = make_product(seller, deal="second_hand", condition="good", place="마포구 합정동")
    check = look(make_broadcast(seller, products=[second_hand, silent]))["return_terms"]
    assert (check.state, check.fix_url) == (State.BAD, f"/studio/products/{silent.code}/")
    assert "1개" in check.text
    assert look(make_broadcast(make_member(), products=[second_hand]))["return_terms"].state == State.GOOD


@pytest.mark.parametrize("missing", ["name", "address", "phone"])
def test_buyers_must_know_who_sells(streams, missing):
    seller = make_member(**{missing: ""})
    check = look(make_broadcast(seller))["identity"]
    assert (check.state, check.fix_url) == (State.BAD, "/me/")
