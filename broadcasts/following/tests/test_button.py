"""The follow button in a real browser, with and without scripts."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from broadcasts.following.models import Follow
from broadcasts.models import Channel
from chat.tests.conftest import broadcast, member, seller, server

__all__ = ["broadcast", "member", "seller", "server"]
pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def visit(server, chromium):
    """Open a live page on a phone."""

    def visit(show, reader=None, **options):
        base = f"http://127.0.0.1:{server.port}"
        context = chromium.new_context(viewport=PHONE, base_url=base, locale="ko-KR", **options)
        if reader:
            client = Client()
            client.force_login(reader)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
        page = context.new_page()
        page.goto(reverse("broadcasts:watch", args=[show.code]))
        return page

    return visit


def test_it_follows_and_leaves_without_leaving_the_show(visit, broadcast, member):
    page = visit(broadcast, member)
    address = page.url
    button = page.locator(".follow-button")
    button.click()
    page.get_by_text("팔로워 1명").wait_for()
    assert button.get_attribute("aria-pressed") == "true"
    assert button.evaluate("button => button === document.activeElement")
    button.click()
    page.get_by_text("팔로워 0명").wait_for()
    assert button.get_attribute("aria-pressed") == "false"
    assert page.url == address
    assert not Follow.objects.exists()


def test_a_finger_finds_it(visit, broadcast, member):
    """It is drawn small; what answers to a touch is 44 px high."""
    page = visit(broadcast, member)
    box = page.locator(".follow-button").bounding_box()
    middle = box["x"] + box["width"] / 2
    for y in (box["y"] + box["height"] / 2 - 21, box["y"] + box["height"] / 2 + 21):
        hit = page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.className", [middle, y])
        assert hit == "follow-button"


def test_it_works_without_scripts(visit, broadcast, member):
    page = visit(broadcast, member, java_script_enabled=False)
    address = page.url
    page.locator(".follow-button").click()
    page.get_by_text("팔로워 1명").wait_for()
    assert page.url == address
    assert Channel.objects.get(pk=broadcast.channel_id).followers == 1


def test_a_guest_is_led_to_sign_in_and_back(visit, broadcast):
    page = visit(broadcast)
    page.locator(".follow-button").click()
    page.wait_for_url(lambda url: "/accounts/login/?next=" in url)
    assert page.locator("input[name=next]").get_attribute("value") == reverse(
        "broadcasts:watch", args=[broadcast.code]
    )
