"""The overlay in a real browser, as a broadcasting program draws it: nothing where nothing is."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from broadcasts.actions import pin_product
from broadcasts.following.actions import follow
from chat.activities.events import OrderPlaced
from chat.overlay.actions import issue_token, revoke_token
from chat.overlay.followers import tell_followers
from chat.questions import actions
from chat.tests.servers import wait_until
from common import presence
from common.events import send_on_commit
from tests.makers import make_member

pytestmark = pytest.mark.browser
CANVAS = {"width": 1280, "height": 720}


@pytest.fixture
def overlay(server, transactional_db, chromium):
    def open_page(channel):
        page = chromium.new_page(viewport=CANVAS)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
        page.goto(f"http://127.0.0.1:{server.port}{reverse('chat:overlay', args=[issue_token(channel)])}")
        return page

    return open_page


def picture(page):
    """The page as it is laid over the camera's picture."""
    return Image.open(io.BytesIO(page.screenshot(omit_background=True))).convert("RGBA")


def is_clear(image, box=None):
    return image.getchannel("A").crop(box or (0, 0, *image.size)).getextrema() == (0, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_empty_overlay_is_transparent(overlay, broadcast, scheme):
    page = overlay(broadcast.channel)
    page.emulate_media(color_scheme=scheme)
    assert is_clear(picture(page))


def test_it_shows_what_happens_and_nothing_around_it(overlay, broadcast, seller):
    page = overlay(broadcast.channel)
    product = broadcast.lineup.get().product
    pin_product(broadcast.pk, product.code, by=seller)
    page.get_by_text(product.name).wait_for()
    question = actions.ask(broadcast.pk, make_member(nickname="궁금이"), text="세탁기에 돌려도 되나요?")
    actions.show_question(question, by=seller)
    page.get_by_text("세탁기에 돌려도 되나요?").wait_for()
    send_on_commit(
        broadcast.room,
        OrderPlaced(version=1, product=product.code, product_name=product.name, name="김**", count=1),
    )
    page.get_by_text("김** 님이 구매했어요").wait_for()
    image = picture(page)
    card = page.locator("[data-on-picture]").bounding_box()
    middle = (int(card["x"] + 4), int(card["y"] + card["height"] / 2))
    assert image.getpixel(middle)[3] > 200
    assert is_clear(image, (400, 150, 900, 500))
    assert page.complaints == []
    actions.answer_question(question, by=seller)
    page.locator("[data-on-picture]").wait_for(state="hidden")
    pin_product(broadcast.pk, None, by=seller)
    page.locator(".overlay-product").wait_for(state="hidden")


def test_it_greets_new_followers_for_a_few_seconds(overlay, broadcast):
    page = overlay(broadcast.channel)
    line = page.locator("[data-followers]")
    wait_until(lambda: presence.count_viewers([broadcast.room])[broadcast.room] == 1)
    follow(make_member(nickname="봄이네"), broadcast.channel)
    tell_followers()
    page.get_by_text("봄이네 님이 팔로우했어요").wait_for()
    assert not is_clear(picture(page), (0, 0, 640, 120))
    for name in ("하루한잔", "<b>윤슬</b>"):
        follow(make_member(nickname=name), broadcast.channel)
    tell_followers()
    page.get_by_text("<b>윤슬</b> 님 외 1명이 팔로우했어요").wait_for()
    line.wait_for(state="hidden")
    assert is_clear(picture(page))
    assert page.complaints == []


def test_a_revoked_overlay_empties_itself(overlay, broadcast, seller):
    page = overlay(broadcast.channel)
    page.clock.install()
    page.reload()
    pin_product(broadcast.pk, broadcast.lineup.get().product.code, by=seller)
    page.locator(".overlay-product").wait_for()
    revoke_token(broadcast.channel)
    page.clock.fast_forward(61_000)
    page.locator("body > *").first.wait_for(state="detached")
    assert is_clear(picture(page))
