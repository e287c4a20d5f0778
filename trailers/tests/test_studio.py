"""The seller's pages: who may, what happens, what a bad answer looks like."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import Broadcast
from catalog.models import Product
from tests.makers import make_asset, make_category, make_member, make_product, make_trailer
from trailers.forms import NEWEST_PRODUCTS
from trailers.models import Trailer
from trailers.reminders import ask_for_reminder

pytestmark = pytest.mark.django_db
OF_A_TRAILER = ["edit", "cancel", "start"]
POSTS = ["cancel", "start"]


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def trailer(seller):
    return make_trailer(seller)


@pytest.fixture
def signed_in(client, seller):
    client.force_login(seller)
    return client


def url(name, trailer=None):
    return reverse(f"trailers:{name}", args=[trailer.code] if trailer else [])


def local(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def tomorrow():
    return (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)


def answers(seller, **changes):
    values = {"title": "내일의 방송", "starts_at": local(tomorrow()), "product": "", "thumbnail": ""}
    if "video" not in changes:
        values["video"] = make_asset(seller, status="transcoding").code
    return values | changes


def new_product(**changes):
    return {
        "new-name": "울 자켓",
        "new-price": "89000",
        "new-stock": "3",
        "new-category": str(make_category().pk),
        "new-description": "",
        "new-image": "",
        **changes,
    }


@pytest.mark.parametrize("name", ["studio", "create", *OF_A_TRAILER])
@pytest.mark.parametrize("who", ["anonymous", "other member", "staff", "owner"])
def test_who_may(client, seller, trailer, name, who):
    if who != "anonymous":
        client.force_login(seller if who == "owner" else make_member(is_staff=who == "staff"))
    address = url(name, trailer if name in OF_A_TRAILER else None)
    status = (client.post if name in POSTS else client.get)(address).status_code
    if who == "anonymous":
        assert status == 302
    elif who == "owner" or name not in OF_A_TRAILER:
        assert status == (302 if name in POSTS else 200)
    else:
        assert status == 403
    trailer.refresh_from_db()
    if who != "owner":
        assert (trailer.status, Broadcast.objects.count()) == ("scheduled", 0)


@pytest.mark.parametrize("name", OF_A_TRAILER)
def test_another_sellers_hidden_trailer_does_not_exist(client, seller, name):
    hidden = make_trailer(seller, video=make_asset(seller, status="transcoding"))
    client.force_login(make_member())
    assert (client.post if name in POSTS else client.get)(url(name, hidden)).status_code == 404


@pytest.mark.parametrize("name", POSTS)
def test_what_changes_something_is_a_post(signed_in, trailer, name):
    assert signed_in.get(url(name, trailer)).status_code == 405


def test_it_announces_an_own_product(signed_in, seller):
    product, thumbnail = make_product(seller), make_asset(seller, purpose="thumbnail")
    response = signed_in.post(url("create"), answers(seller, product=product.code, thumbnail=thumbnail.code))
    assert response.headers["Location"] == url("studio")
    trailer = Trailer.objects.get()
    assert (trailer.seller, trailer.product, trailer.thumbnail) == (seller, product, thumbnail)
    assert trailer.starts_at == tomorrow()
    assert trailer.video.status == "transcoding"


def test_it_announces_a_new_product(signed_in, seller):
    picture = make_asset(seller, purpose="product")
    response = signed_in.post(url("create"), answers(seller) | new_product(**{"new-image": picture.code}))
    assert response.status_code == 302
    product = Trailer.objects.get().product
    assert (product.name, product.price, product.seller, product.left) == ("울 자켓", 89_000, seller, 3)
    assert product.image_url == picture.playback_url


def test_a_form_sent_twice_is_one_trailer_and_one_product(signed_in, seller):
    data = answers(seller) | new_product()
    for _ in range(2):
        assert signed_in.post(url("create"), data).status_code == 302
    assert (Trailer.objects.count(), Product.objects.count()) == (1, 1)


@pytest.mark.parametrize("changes", [{"title": "다음 주의 방송"}, {"starts_at": "2027-06-01T20:00"}])
def test_another_trailer_needs_another_video(signed_in, seller, changes):
    data = answers(seller, product=make_product(seller).code)
    signed_in.post(url("create"), data)
    response = signed_in.post(url("create"), data | changes)
    assert response.status_code == 422
    assert "다른 예고에 쓰고 있는 영상" in response.content.decode()
    assert Trailer.objects.count() == 1


def test_a_public_trailer_keeps_its_video_until_the_new_one_plays(signed_in, seller, trailer):
    shown = trailer.video
    new = make_asset(seller, status="transcoding", playback_url="", storage_key="")
    data = answers(seller, product=trailer.product.code, video=new.code)
    response = signed_in.post(url("edit", trailer), data)
    assert response.status_code == 422
    assert "새 영상을 변환하고 있어요" in response.content.decode()
    trailer.refresh_from_db()
    assert trailer.video == shown
    new.playback_url = "/media/videos/new/master.m3u8"
    new.save()
    assert signed_in.post(url("edit", trailer), data).status_code == 302


def test_a_picked_product_wins_over_a_half_written_new_one(signed_in, seller):
    product = make_product(seller)
    data = answers(seller, product=product.code) | new_product(**{"new-price": "무료"})
    assert signed_in.post(url("create"), data).status_code == 302
    assert (Trailer.objects.get().product, Product.objects.count()) == (product, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "가" * 61}, "title"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "2020-01-01T20:00"}, "starts_at"),
        ({"starts_at": "2999-01-01T20:00"}, "starts_at"),
        ({"starts_at": "저녁"}, "starts_at"),
        ({"video": ""}, "video"),
        ({"video": "nosuchvideo2"}, "video"),
        ({"thumbnail": "nosuchpic222"}, "thumbnail"),
        ({"product": "nosuchproduc"}, "product"),
    ],
)
def test_a_bad_answer_is_named(signed_in, seller, changes, field):
    data = answers(seller, **({"product": make_product(seller).code} | changes))
    response = signed_in.post(url("create"), data)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Trailer.objects.count() == 0


def test_without_a_product_the_new_one_is_asked_for(signed_in, seller):
    response = signed_in.post(url("create"), answers(seller))
    assert response.status_code == 422
    assert "name" in response.context["product_form"].errors
    assert Trailer.objects.count() == 0


@pytest.mark.parametrize("status", ["uploading", "refused", "failed", "cancelled"])
def test_a_video_that_comes_to_nothing_is_refused(signed_in, seller, status):
    video = make_asset(seller, status=status)
    data = answers(seller, video=video.code, product=make_product(seller).code)
    assert "video" in signed_in.post(url("create"), data).context["form"].errors


def test_what_is_other_peoples_is_not_taken(signed_in, seller):
    other = make_member()
    data = answers(
        seller,
        video=make_asset(other).code,
        thumbnail=make_asset(other, purpose="thumbnail").code,
        product=make_product(other).code,
    )
    errors = signed_in.post(url("create"), data).context["form"].errors
    assert set(errors) == {"video", "thumbnail", "product"}


def test_a_picture_is_no_video(signed_in, seller):
    picture = make_asset(seller, purpose="thumbnail")
    data = answers(seller, video=picture.code, product=make_product(seller).code)
    assert "video" in signed_in.post(url("create"), data).context["form"].errors


def test_a_seller_abroad_means_their_own_clock(signed_in, seller):
    signed_in.cookies["tz"] = "America/New_York"
    evening = (timezone.now() + timedelta(days=2)).astimezone(ZoneInfo("America/New_York"))
    evening = evening.replace(hour=20, minute=0, second=0, microsecond=0)
    data = answers(seller, starts_at=f"{evening:%Y-%m-%dT%H:%M}", product=make_product(seller).code)
    assert signed_in.post(url("create"), data).status_code == 302
    trailer = Trailer.objects.get()
    assert trailer.starts_at == evening.astimezone(UTC)
    form = signed_in.get(url("edit", trailer)).content.decode()
    assert f'value="{evening:%Y-%m-%dT%H:%M}"' in form


@pytest.mark.parametrize(
    ("text", "words"), [("2027-03-14T02:30", "없는 시각"), ("2027-11-07T01:30", "두 번")]
)
def test_a_time_the_clocks_skip_or_repeat_is_explained(client, seller, monkeypatch, text, words):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 1, 2, tzinfo=UTC))
    client.force_login(seller)
    client.cookies["tz"] = "America/New_York"
    data = answers(seller, starts_at=text, product=make_product(seller).code)
    errors = client.post(url("create"), data).context["form"].errors
    assert words in errors["starts_at"][0]


def test_editing_keeps_what_is_there(signed_in, seller, trailer):
    page = signed_in.get(url("edit", trailer))
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {"title": "새 제목"}
    data["starts_at"] = local(trailer.starts_at)
    assert signed_in.post(url("edit", trailer), data).status_code == 302
    before = trailer
    trailer = Trailer.objects.get()
    assert trailer.title == "새 제목"
    for name in ("product", "video", "thumbnail", "starts_at", "schedule_version"):
        assert getattr(trailer, name) == getattr(before, name)


def test_editing_the_time_tells_those_who_wait(signed_in, seller, trailer):
    ask_for_reminder(trailer, member=make_member())
    at = local(trailer.starts_at + timedelta(hours=2))
    data = answers(seller, video=trailer.video.code, product=trailer.product.code, starts_at=at)
    assert signed_in.post(url("edit", trailer), data).status_code == 302
    trailer.refresh_from_db()
    assert trailer.schedule_version == 1
    assert trailer.reminders.get().deliveries.get().occasion == "rescheduled"


def test_a_video_announces_one_show(signed_in, seller, trailer):
    other = make_trailer(seller)
    data = answers(seller, video=other.video.code, product=trailer.product.code)
    assert "video" in signed_in.post(url("edit", trailer), data).context["form"].errors


@pytest.mark.parametrize("status", ["started", "cancelled"])
def test_what_is_past_changing_is_not_changed(signed_in, seller, status):
    past = make_trailer(seller, status=status)
    data = answers(seller, product=past.product.code)
    for response in (signed_in.get(url("edit", past)), signed_in.post(url("edit", past), data)):
        assert response.headers["Location"] == url("studio")
    past.refresh_from_db()
    assert past.title == "내일 저녁의 방송"


def test_cancelling(signed_in, trailer):
    assert signed_in.post(url("cancel", trailer)).headers["Location"] == url("studio")
    trailer.refresh_from_db()
    assert trailer.status == "cancelled"
    assert signed_in.post(url("start", trailer)).headers["Location"] == url("studio")
    assert Broadcast.objects.count() == 0


def test_starting_leads_to_the_control_room(signed_in, trailer):
    rooms = {signed_in.post(url("start", trailer)).headers["Location"] for _ in range(2)}
    broadcast = Broadcast.objects.get()
    assert rooms == {reverse("broadcasts:control_room", args=[broadcast.code])}
    assert signed_in.post(url("cancel", trailer)).headers["Location"] == url("studio")
    trailer.refresh_from_db()
    assert trailer.status == "started"


def test_my_trailers_are_mine_in_every_state(signed_in, seller, trailer):
    hidden = make_trailer(seller, video=make_asset(seller, status="failed"), title="아직 안 보여요")
    make_trailer(make_member(), title="남의 예고")
    page = signed_in.get(url("studio")).content.decode()
    assert trailer.title in page
    assert hidden.title in page
    assert "남의 예고" not in page


def test_the_picker_offers_the_newest_products_and_takes_any(signed_in, seller, trailer):
    oldest = trailer.product
    for _ in range(NEWEST_PRODUCTS):
        make_product(seller)
    offered = [
        choice[0].value for choice in signed_in.get(url("create")).context["form"]["product"].field.choices
    ]
    assert len(offered) == NEWEST_PRODUCTS
    assert oldest.code not in offered
    offered = [
        choice[0].value
        for choice in signed_in.get(url("edit", trailer)).context["form"]["product"].field.choices
    ]
    assert oldest.code in offered
    assert signed_in.post(url("create"), answers(seller, product=oldest.code)).status_code == 302
