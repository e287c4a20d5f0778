"""The seller's pages: who may, what happens, what a bad answer looks like."""

import pytest
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import Broadcast, Channel
from broadcasts.streaming.base import LiveStream
from broadcasts.streaming.local import LocalStreaming
from catalog.models import Product
from common.errors import ProviderError
from tests.makers import make_asset, make_broadcast, make_category, make_member, make_product

pytestmark = pytest.mark.django_db
OF_A_BROADCAST = ["control_room", "signal", "start", "end", "cancel", "pin"]
POSTS = ["start", "end", "cancel", "pin", "stream_key", "rotate_key"]


@pytest.fixture(autouse=True)
def quiet_ingest(monkeypatch):
    """No ingest process runs here: the channel has no stream."""
    monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: [])


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def broadcast(seller):
    return make_broadcast(
        seller, products=[make_product(seller, name="자켓"), make_product(seller, name="모자")]
    )


def url(name, broadcast=None):
    return reverse(f"broadcasts:{name}", args=[broadcast.code] if broadcast else [])


def call(client, name, broadcast=None, **data):
    method = client.post if name in POSTS else client.get
    return method(url(name, broadcast), data)


@pytest.mark.parametrize("name", ["studio", "ingest_card", "create", "stream_key", "rotate_key"])
def test_the_studio_needs_sign_in(client, name):
    response = call(client, name)
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", OF_A_BROADCAST)
@pytest.mark.parametrize(
    ("who", "status"), [("anonymous", 302), ("other member", 403), ("staff", 403), ("owner", (200, 302))]
)
def test_only_its_owner_reaches_a_broadcast(client, broadcast, seller, name, who, status):
    if who == "owner":
        client.force_login(seller)
    elif who != "anonymous":
        client.force_login(make_member(is_staff=who == "staff"))
    response = call(client, name, broadcast)
    assert response.status_code in (status if isinstance(status, tuple) else (status,))
    broadcast.refresh_from_db()
    if who != "owner":
        assert (broadcast.status, broadcast.pinned_item) == ("scheduled", None)


@pytest.mark.parametrize("name", POSTS)
def test_what_changes_something_is_a_post(client, broadcast, seller, name):
    client.force_login(seller)
    target = url(name, broadcast if name in OF_A_BROADCAST else None)
    assert client.get(target).status_code == 405


@pytest.mark.parametrize("name", POSTS)
def test_a_post_without_csrf_token_is_refused(seller, broadcast, name):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(seller)
    response = strict.post(url(name, broadcast if name in OF_A_BROADCAST else None))
    assert response.status_code == 403
    broadcast.refresh_from_db()
    assert broadcast.status == "scheduled"


@pytest.mark.parametrize("name", OF_A_BROADCAST)
def test_an_unknown_broadcast_is_not_found(client, seller, name):
    client.force_login(seller)
    path = reverse(f"broadcasts:{name}", args=["nosuchcode"])
    assert (client.post(path) if name in POSTS else client.get(path)).status_code == 404


def show(**changes):
    category = make_category()
    return {
        "title": "가을 신상 방송",
        "new-TOTAL_FORMS": "1",
        "new-INITIAL_FORMS": "0",
        "new-0-name": "울 자켓",
        "new-0-price": "89000",
        "new-0-stock": "3",
        "new-0-category": str(category.pk),
        "new-0-description": "부드러운 울이에요.",
        **changes,
    }


def test_it_creates_a_show_with_new_and_existing_products(client, seller):
    old, picture = make_product(seller), make_asset(seller, purpose="product", width=600, height=400)
    client.force_login(seller)
    response = client.post(url("create"), show(**{"products": [old.code], "new-0-image": picture.code}))
    broadcast = Broadcast.objects.get()
    assert response.headers["Location"] == url("control_room", broadcast)
    assert (broadcast.title, broadcast.status, broadcast.channel.member) == (
        "가을 신상 방송",
        "scheduled",
        seller,
    )
    products = [item.product for item in broadcast.lineup.all()]
    assert [product.name for product in products] == [old.name, "울 자켓"]
    new = products[1]
    assert (new.price, new.left, new.seller) == (89_000, 3, seller)
    image = new.images.get()
    assert (new.image_url, image.width, image.height) == (picture.playback_url, 600, 400)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "방송 제목을 적어 주세요."),
        ({"new-0-price": "10"}, "판매가는 100원부터예요."),
        ({"new-0-price": "1.5"}, "정수"),
        ({"new-0-stock": "0"}, "재고는 1개부터예요."),
        (
            {
                "new-0-name": "",
                "new-0-price": "",
                "new-0-stock": "",
                "new-0-category": "",
                "new-0-description": "",
            },
            "상품을 하나 이상",
        ),
        ({"products": ["nosuchcode"]}, "nosuchcode"),
        ({"new-TOTAL_FORMS": "21"}, "20"),
    ],
)
def test_a_bad_answer_is_explained_and_nothing_is_saved(client, seller, changes, sentence):
    client.force_login(seller)
    response = client.post(url("create"), show(**changes))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Broadcast.objects.exists()
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        ({"status": "checking"}, "아직 올리는 중"),
        ({"status": "refused"}, "쓸 수 없는 사진"),
        ({"purpose": "thumbnail"}, "찾을 수 없어요"),
        ({"owner": "somebody else"}, "찾을 수 없어요"),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused(client, seller, picture, sentence):
    owner = make_member() if "owner" in picture else seller
    asset = make_asset(owner, **{"purpose": "product"} | {k: v for k, v in picture.items() if k != "owner"})
    client.force_login(seller)
    response = client.post(url("create"), show(**{"new-0-image": asset.code}))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Product.objects.exists()


def test_another_sellers_product_cannot_be_put_into_a_show(client, seller):
    foreign = make_product(make_member())
    client.force_login(seller)
    assert client.post(url("create"), show(products=[foreign.code])).status_code == 422
    assert not Broadcast.objects.exists()


def test_start_waits_for_the_picture_then_end_ends(client, seller, broadcast):
    client.force_login(seller)
    call(client, "start", broadcast)
    broadcast.refresh_from_db()
    assert broadcast.status == "starting"
    Channel.objects.filter(member=seller).update(signal="receiving")
    call(client, "cancel", broadcast)
    other = make_broadcast(seller)
    call(client, "start", other)
    other.refresh_from_db()
    assert other.status == "live"
    call(client, "end", other)
    other.refresh_from_db()
    assert other.status == "ended"
    assert other.ended_at >= other.started_at


def test_a_second_show_cannot_start_while_one_is_open(client, seller, broadcast):
    make_broadcast(seller, status="live")
    client.force_login(seller)
    response = client.post(url("start", broadcast), follow=True)
    assert "이미 진행 중인 방송이 있어요." in response.content.decode()
    broadcast.refresh_from_db()
    assert broadcast.status == "scheduled"


@pytest.mark.parametrize(
    ("status", "name", "sentence"),
    [
        ("ended", "start", "시작할 수 없어요"),
        ("scheduled", "end", "방송 중일 때만"),
        ("live", "cancel", "취소할 수 없어요"),
        ("ended", "pin", "고정할 수 없어요"),
    ],
)
def test_moves_that_make_no_sense_are_refused_in_words(client, seller, status, name, sentence):
    broadcast = make_broadcast(seller, status=status)
    client.force_login(seller)
    response = client.post(
        url(name, broadcast), {"product": broadcast.lineup.get().product.code}, follow=True
    )
    assert sentence in response.content.decode()
    broadcast.refresh_from_db()
    assert broadcast.status == status


def test_pinning_shows_one_product_and_unpinning_none(client, seller, broadcast):
    client.force_login(seller)
    jacket = broadcast.lineup.first().product
    call(client, "pin", broadcast, product=jacket.code)
    broadcast.refresh_from_db()
    assert broadcast.pinned_item.product == jacket
    version, pinned_at = broadcast.version, broadcast.pinned_at
    response = client.post(url("pin", broadcast), {"product": ""}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    broadcast.refresh_from_db()
    assert broadcast.pinned_item is None
    assert broadcast.version == version + 1
    assert timezone.now() > broadcast.pinned_at > pinned_at


def test_a_product_of_another_show_cannot_be_pinned(client, seller, broadcast):
    client.force_login(seller)
    foreign = make_product(seller)
    response = client.post(url("pin", broadcast), {"product": foreign.code}, follow=True)
    assert "이 방송에 없는 상품이에요." in response.content.decode()
    broadcast.refresh_from_db()
    assert broadcast.pinned_item is None


class TestStreamKey:
    def test_no_page_carries_it(self, client, seller, broadcast):
        client.force_login(seller)
        key = seller.channel.stream_key
        for name in ["studio", "ingest_card", "create"]:
            assert key not in client.get(url(name)).content.decode()
        assert key not in client.get(url("control_room", broadcast)).content.decode()
        assert seller.channel.masked_key in client.get(url("ingest_card")).content.decode()

    def test_the_copy_button_gets_only_ones_own(self, client, seller):
        client.force_login(seller)
        response = client.post(url("stream_key"))
        assert response.json() == {"stream_key": seller.channel.stream_key}
        assert "no-store" in response.headers["Cache-Control"]

    def test_rotating_answers_with_the_new_masked_key(self, client, seller, monkeypatch):
        monkeypatch.setattr("broadcasts.tasks.disconnect_publisher.delay", lambda channel_id: None)
        old = seller.channel.stream_key
        client.force_login(seller)
        response = client.post(url("rotate_key"), headers={"HX-Request": "true"})
        seller.channel.refresh_from_db()
        assert seller.channel.stream_key != old
        assert seller.channel.masked_key in response.content.decode()

    def test_a_provider_that_does_not_answer_is_said_in_words(self, client, seller, monkeypatch):
        def down(self, ref):
            raise ProviderError("timed out")

        monkeypatch.setattr(LocalStreaming, "rotate_key", down)
        client.force_login(seller)
        page = client.post(url("rotate_key"), headers={"HX-Request": "true"}).content.decode()
        assert "방송 서버가 답하지 않아요." in page


def test_the_signal_part_says_what_arrives(client, seller, broadcast, monkeypatch):
    from django.utils import timezone

    Channel.objects.filter(member=seller).update(
        signal="receiving", health={"keyframe_interval": {"on": True, "at": timezone.now().isoformat()}}
    )
    on = LiveStream(
        ref=seller.channel.provider_ref,
        stream_id="st-1",
        started_at=timezone.now(),
        width=1280,
        height=720,
        fps=30.0,
    )
    monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: [on])
    client.force_login(seller)
    part = call(client, "signal", broadcast).content.decode()
    assert "1280" in part
    assert "키프레임 간격을 2초로" in part


def test_the_studio_lists_ones_own_shows_in_bounded_queries(client, seller, django_assert_max_num_queries):
    make_broadcast(make_member(), title="남의 방송")
    client.force_login(seller)
    counts = []
    for _ in range(2):
        for _ in range(4):
            make_broadcast(seller, title="내 방송")
        with django_assert_max_num_queries(30) as queries:
            page = client.get(url("studio")).content.decode()
        counts.append(len(queries))
    assert "내 방송" in page
    assert "남의 방송" not in page
    assert counts[0] == counts[1]
