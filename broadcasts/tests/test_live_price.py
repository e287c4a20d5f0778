"""What a product costs while its show is on the air: who may set it, which prices count, who hears of it."""

import pytest
from django.urls import reverse

from broadcasts.events import LivePriceChanged
from broadcasts.live_price import BadPrice, set_live_price
from broadcasts.models import Broadcast, LineupItem
from broadcasts.streaming.local import LocalStreaming
from catalog.actions import NewVariant, create_product
from common.errors import IllegalMove
from tests.makers import make_asset, make_broadcast, make_category, make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def broadcast(seller):
    return make_broadcast(seller, products=[make_product(seller, price=10_000)], status="live")


@pytest.fixture
def told(monkeypatch):
    events = []
    monkeypatch.setattr("broadcasts.live_price.send_on_commit", lambda room, event: events.append(event))
    return events


def item_of(broadcast):
    return broadcast.lineup.select_related("product").get()


def test_a_lower_price_is_set_and_told_with_the_broadcasts_next_version(broadcast, seller, told):
    code = item_of(broadcast).product.code
    assert set_live_price(broadcast.pk, code, 8_000, by=seller)
    broadcast.refresh_from_db()
    assert item_of(broadcast).live_price == 8_000
    assert told == [LivePriceChanged(version=broadcast.version, product=code, live_price=8_000)]
    assert broadcast.log.last().type == "broadcast.live_price"


def test_none_is_the_usual_price_again_and_the_same_again_tells_nobody(broadcast, seller, told):
    code = item_of(broadcast).product.code
    set_live_price(broadcast.pk, code, 8_000, by=seller)
    assert not set_live_price(broadcast.pk, code, 8_000, by=seller)
    assert set_live_price(broadcast.pk, code, None, by=seller)
    assert item_of(broadcast).live_price is None
    assert [event.live_price for event in told] == [8_000, None]


@pytest.mark.parametrize("price", [10_000, 12_000, 99, 0, -1])
def test_only_a_lower_price_that_anything_may_cost_is_one(broadcast, seller, price):
    with pytest.raises(BadPrice):
        set_live_price(broadcast.pk, item_of(broadcast).product.code, price, by=seller)
    assert item_of(broadcast).live_price is None


def test_the_cheapest_variant_must_be_able_to_have_it(seller):
    small = NewVariant(values=("S",), stock=1, extra_price=-3_000)
    product = create_product(
        seller,
        option_names=["사이즈"],
        variants=[small, NewVariant(values=("L",), stock=1)],
        name="셔츠",
        price=10_000,
        category=make_category(),
    )
    broadcast = make_broadcast(seller, products=[product], status="live")
    with pytest.raises(BadPrice, match="3,100원부터"):
        set_live_price(broadcast.pk, product.code, 3_000, by=seller)
    assert set_live_price(broadcast.pk, product.code, 3_100, by=seller)


@pytest.mark.parametrize("status", ["ended", "cancelled"])
def test_a_show_that_is_over_keeps_its_prices(broadcast, seller, status):
    Broadcast.objects.filter(pk=broadcast.pk).update(status=status)
    with pytest.raises(IllegalMove):
        set_live_price(broadcast.pk, item_of(broadcast).product.code, 8_000, by=seller)


# --- Pages


@pytest.fixture(autouse=True)
def quiet_ingest(monkeypatch):
    monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: [])


def post(client, broadcast, price, **headers):
    url = reverse("broadcasts:live_price", args=[broadcast.code])
    data = {"product": item_of(broadcast).product.code, "price": price}
    return client.post(url, data, headers=headers)


def test_the_control_room_sets_it_in_place(client, broadcast, seller):
    client.force_login(seller)
    response = post(client, broadcast, "8000", HX_Request="true")
    assert response.status_code == 200
    assert "8,000원" in response.content.decode()
    assert item_of(broadcast).live_price == 8_000


@pytest.mark.parametrize(
    ("price", "says"), [("10000", "판매가 10,000원보다 낮은"), ("8천원", "숫자로"), ("50", "100원부터")]
)
def test_a_bad_price_is_explained_beside_its_field(client, broadcast, seller, price, says):
    client.force_login(seller)
    response = post(client, broadcast, price, HX_Request="true")
    assert response.status_code == 422
    assert says in response.content.decode()
    assert f'value="{price}"' in response.content.decode()
    assert post(client, broadcast, price).status_code == 302
    assert item_of(broadcast).live_price is None


@pytest.mark.parametrize(("who", "status"), [("anonymous", 302), ("member", 403), ("staff", 403)])
def test_only_the_seller_sets_it(client, broadcast, who, status):
    if who != "anonymous":
        client.force_login(make_member(is_staff=who == "staff"))
    assert post(client, broadcast, "8000").status_code == status
    assert item_of(broadcast).live_price is None


def create_show(client, seller, **changes):
    product = make_product(seller, price=10_000)
    client.force_login(seller)
    values = {
        "title": "저녁 방송",
        "products": [product.code],
        f"live-price-{product.code}": "",
        "new-TOTAL_FORMS": "1",
        "new-INITIAL_FORMS": "0",
        "new-0-name": "새 상품",
        "new-0-price": "5000",
        "new-0-live_price": "4000",
        "new-0-stock": "3",
        "new-0-category": str(product.category_id),
        "new-0-image": make_asset(seller, purpose="product").code,
    }
    return product, client.post(
        reverse("broadcasts:create"),
        values | {name.replace("CHOSEN", product.code): value for name, value in changes.items()},
    )


def test_a_new_show_may_have_its_prices_from_the_start(client, seller):
    product, response = create_show(client, seller, **{"live-price-CHOSEN": "9000"})
    assert response.status_code == 302
    prices = dict(LineupItem.objects.values_list("product__name", "live_price"))
    assert prices == {product.name: 9_000, "새 상품": 4_000}


def test_prices_left_empty_are_the_usual_ones(client, seller):
    _product, response = create_show(client, seller, **{"new-0-live_price": ""})
    assert response.status_code == 302
    assert set(LineupItem.objects.values_list("live_price", flat=True)) == {None}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("live-price-CHOSEN", "10000", "판매가 10,000원보다 낮은"),
        ("live-price-CHOSEN", "싸게", "숫자로"),
        ("new-0-live_price", "5000", "판매가 5,000원보다 낮은"),
        ("new-0-live_price", "99", "100원부터"),
    ],
)
def test_a_new_show_with_a_bad_price_is_not_made(client, seller, field, value, says):
    _product, response = create_show(client, seller, **{field: value})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert f'value="{value}"' in response.content.decode()
    assert not Broadcast.objects.exists()
