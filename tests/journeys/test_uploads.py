"""Every kind of file people choose, through the real upload field: taken and made playable, or refused in words."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests import films
from tests.journeys import announcing, people
from tests.journeys.conftest import DESKTOP

pytestmark = pytest.mark.browser
FORM = "/studio/trailers/new/"

GOOD = {
    "portrait": films.portrait,
    "hevc": films.hevc,
    "variable_rate": films.variable_rate,
    "silent": films.silent,
    "ten_bit": films.ten_bit,
}
BAD = {
    "text": (films.not_a_video, "영상 파일이 아니에요"),
    "renamed_picture": (films.renamed_picture, "영상 파일이 아니에요"),
    "empty": (films.empty, "빈 파일"),
    "truncated": (films.truncated, "손상"),
    "without_index": (films.without_index, "손상"),
    "sound_only": (films.sound_only, "소리만"),
    "too_long": (films.too_long, "20분"),
    "too_large": (films.too_large, "5GB"),
    "absurd_size": (films.absurd_size, "화면이 너무 커요"),
}
Film = Callable[[Path], Path]


@pytest.fixture
def seller(new_person) -> Page:
    page = new_person("seller", DESKTOP)
    number = time.monotonic_ns() % 10**9
    people.sign_up(page, f"upload{number}", f"업로더{number}")
    page.goto(FORM)
    return page


def card(place: Locator) -> Locator:
    return place.locator("[data-asset-card]")


def wait_for(place: Locator, status: str, *, seconds: float = 90) -> None:
    people.until(
        lambda: card(place).count() and card(place).get_attribute("data-status") == status,
        f"the card says {status}",
        seconds=seconds,
    )


def test_every_good_kind_is_taken_and_made_playable(seller, tmp_path):
    for name, make in GOOD.items():
        place = announcing.choose(seller, "video", make(tmp_path / f"{name}.mp4"))
        announcing.wait_until_arrived(place)
        wait_for(place, "ready")
        expect(place.locator("[data-asset-poster]")).to_have_count(5)
        seller.goto(FORM)


def test_every_bad_kind_is_refused_in_words_within_seconds(seller, tmp_path):
    for name, (make, word) in BAD.items():
        film = make(tmp_path / f"{name}.mp4")
        began = time.monotonic()
        place = announcing.choose(seller, "video", film)
        words = place.locator("[role=alert]:visible")
        expect(words).to_contain_text(word, timeout=20_000)
        assert time.monotonic() - began < 20, name
        assert seller.locator("[name=video]").input_value() == "", "nothing that a form could send"
        film.unlink()


def test_a_gigabyte_survives_a_reload(seller, tmp_path):
    film = films.gigabyte(tmp_path / "큰 영상.mp4")
    with announcing.slow_network(seller, 60_000_000):
        place = announcing.choose(seller, "video", film)
        bar = place.locator("[data-upload-bar]")
        people.until(lambda: announcing.percent(bar) >= 30, "a third is there", seconds=60)
        expect(place.locator("[data-upload-rate]")).to_contain_text("MB/s")
        seller.on("dialog", lambda dialog: dialog.accept())
        seller.reload()
    expect(seller.locator("[data-upload-hint]").first).to_contain_text("큰 영상.mp4")
    place = announcing.choose(seller, "video", film)
    bar = place.locator("[data-upload-bar]")
    people.until(lambda: announcing.state(place) != "starting", "it goes on")
    assert announcing.percent(bar) >= 25, "not from the beginning"
    announcing.wait_until_arrived(place, seconds=90)
    wait_for(place, "ready", seconds=180)


def test_pause_and_go_on(seller, tmp_path):
    film = films.landscape(tmp_path / "a.mp4", seconds=24)
    with announcing.slow_network(seller, 3_000_000):
        place = announcing.choose(seller, "video", film)
        bar = place.locator("[data-upload-bar]")
        people.until(lambda: announcing.percent(bar) >= 10, "progress shows")
        place.get_by_role("button", name="일시정지").click()
        stopped_at = announcing.percent(bar)
        seller.wait_for_timeout(1500)
        assert announcing.percent(bar) == stopped_at
        place.get_by_role("button", name="이어서 올리기").click()
        announcing.wait_until_arrived(place)


def test_a_cancelled_upload_leaves_an_empty_field(seller, tmp_path):
    film = films.landscape(tmp_path / "a.mp4", seconds=24)
    with announcing.slow_network(seller, 1_000_000):
        place = announcing.choose(seller, "video", film)
        people.until(lambda: announcing.state(place) == "uploading", "it uploads")
        place.get_by_role("button", name="취소").click()
        people.until(lambda: announcing.state(place) == "empty", "the field is empty again")
    assert seller.locator("[name=video]").input_value() == ""


def test_a_profile_picture_and_a_product_picture(seller, tmp_path):
    """Pictures take the same road: chosen, uploaded, re-encoded, shown."""
    picture = tmp_path / "사진.png"
    Image.new("RGB", (1200, 900), "teal").save(picture)
    seller.goto("/me/avatar/")
    place = announcing.choose(seller, "avatar", picture)
    people.until(lambda: announcing.state(place) == "ready", "the picture is ready", seconds=40)
    seller.get_by_role("button", name="저장").click()
    seller.wait_for_url("**/me/")
    shown = seller.locator(".avatar--large img")
    people.until(lambda: shown.evaluate("image => image.naturalWidth") == 256, "the avatar shows, small")

    seller.goto("/studio/new/")
    place = announcing.choose(seller, "product", picture)
    people.until(lambda: announcing.state(place) == "ready", "the picture is ready", seconds=40)
    seller.locator("[name=title]").fill("사진 방송")
    for name, value in {"name": "청록 접시", "price": "9900", "stock": "3"}.items():
        seller.locator(f"[name=new-0-{name}]").fill(value)
    seller.locator("[name=new-0-category]").select_option(index=1)
    seller.locator("main form").get_by_role("button", name="방송 만들기").click()
    seller.wait_for_url(lambda url: "/studio/new" not in url)
    thumb = seller.locator("main img[src*='/images/']").first
    people.until(lambda: thumb.evaluate("image => image.naturalWidth") == 1200, "the product's picture shows")
