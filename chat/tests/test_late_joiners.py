"""Who comes in the moment after the host did something sees it when their picture does, not before."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from broadcasts.actions import pin_product
from broadcasts.models import Broadcast, Channel
from chat.questions import actions
from chat.questions.models import Screen
from tests.makers import make_member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE_S = 8
"""So long pages wait for a picture that does not come (static/js/room/on_picture.js)."""


@pytest.fixture
def come(server, broadcast, chromium: Browser) -> Callable[[], Page]:
    """Open the show's page with a clock to be set forward, and wait until it has the room's state."""
    # The address leads nowhere: the picture is on its way all the time.
    Channel.objects.update(playback_url=f"http://127.0.0.1:{server.port}/nowhere.m3u8")

    def make() -> Page:
        page = chromium.new_page(base_url=f"http://127.0.0.1:{server.port}")
        page.clock.install()
        page.goto(f"/live/{broadcast.code}/")
        expect(page.locator("[data-chat-state]")).to_be_hidden()
        return page

    return make


def test_a_pin_that_is_a_moment_old(come, broadcast, seller):
    pin_product(broadcast.pk, broadcast.lineup.get().product.code, by=seller)
    page = come()
    card = page.locator("[data-pinned-card]")
    expect(card).to_be_hidden()
    expect(page.locator("[data-product][data-pinned]")).to_have_count(0)
    page.clock.run_for(PATIENCE_S * 1000)
    expect(card).to_be_visible()


def test_a_pin_that_has_been_there_for_long(come, broadcast, seller):
    pin_product(broadcast.pk, broadcast.lineup.get().product.code, by=seller)
    Broadcast.objects.update(pinned_at=timezone.now() - timedelta(minutes=1))
    expect(come().locator("[data-pinned-card]")).to_be_visible()


def test_what_is_taken_away_stays_as_long_also_for_whom_the_news_did_not_reach(come, broadcast, seller):
    question = actions.ask(broadcast.pk, make_member(), text="얼마예요?")
    actions.show_question(question, by=seller)
    Screen.objects.update(since=timezone.now() - timedelta(minutes=1))
    page = come()
    card = page.locator("[data-on-picture]")
    expect(card).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator("[data-chat-state]")).to_be_visible()
    actions.take_down(broadcast.pk, by=seller)
    page.context.set_offline(False)
    expect(page.locator("[data-chat-state]")).to_be_hidden()
    expect(card).to_be_visible()
    page.clock.run_for(PATIENCE_S * 1000)
    expect(card).to_be_hidden()
