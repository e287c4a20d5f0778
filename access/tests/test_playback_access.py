"""A page keeps its leave to play for as long as the site grants it, in a real browser with a clock of our own."""

import json
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "static" / "js"
SITE = "https://shop.test"
PAGE = """<!doctype html><meta charset="utf-8"><title>video</title>
<body hx-headers:inherited='{"X-CSRFToken": "t0ken"}'><main data-renew-url="/renew/" data-renew-after="400"></main>
<script type="module">
import { keepPlaybackAccess } from "/player/playback_access.js";
const element = document.querySelector("main");
for (const what of ["lost", "renewed"]) {
  element.addEventListener(`playback:${what}`, () => element.toggleAttribute(`data-${what}`, true));
}
keepPlaybackAccess(element);
document.body.dataset.ready = "";
</script>"""

pytestmark = pytest.mark.browser


class Site:
    """Answers the page's requests; `answers` are those to the next renewals, the last one for good."""

    def __init__(self, page):
        self.page = page
        self.answers = [200]
        self.asked = []
        page.clock.install()
        page.route("**/*", self.answer)
        page.goto(f"{SITE}/")
        page.locator("body[data-ready]").wait_for(state="attached")

    def answer(self, route):
        path = route.request.url.removeprefix(SITE)
        if path == "/renew/":
            self.asked.append(route.request.headers["x-csrftoken"])
            status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            route.fulfill(
                status=status, content_type="application/json", body=json.dumps({"renew_after": 400})
            )
        elif path.endswith(".js"):
            route.fulfill(content_type="text/javascript", body=(SCRIPTS / path[1:]).read_text())
        else:
            route.fulfill(content_type="text/html", body=PAGE)

    def passes(self, seconds, *, hears):
        """Let time pass until the element has heard it."""
        self.page.clock.fast_forward(seconds * 1000)
        self.page.locator(f"main[data-{hears}]").wait_for(state="attached", timeout=5000)
        self.page.evaluate(f"document.querySelector('main').removeAttribute('data-{hears}')")


@pytest.fixture
def site(chromium):
    return Site(chromium.new_page())


def test_it_renews_again_and_again_in_time(site):
    site.page.clock.fast_forward(390_000)
    assert site.asked == []
    site.passes(10, hears="renewed")
    site.passes(400, hears="renewed")
    assert site.asked == ["t0ken"] * 2


def test_a_page_that_slept_renews_as_soon_as_it_is_back(site):
    site.page.clock.set_system_time(site.page.evaluate("Date.now()") + 3_600_000)  # no timer ran meanwhile
    site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    site.passes(0, hears="renewed")
    assert len(site.asked) == 1


def test_a_page_that_was_away_for_a_moment_does_not(site):
    site.page.clock.fast_forward(60_000)
    site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    site.passes(340, hears="renewed")
    assert len(site.asked) == 1


def test_a_site_that_stumbles_is_asked_again_later(site):
    site.answers = [503, 503, 200]
    site.page.clock.fast_forward(400_000)
    for _ in range(30):  # the pauses are 2 and 4 seconds at most
        if len(site.asked) == 3:
            break
        site.page.clock.run_for(1000)
    site.passes(0, hears="renewed")
    assert len(site.asked) == 3


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_when_leave_is_taken_the_page_is_told_once_and_asks_no_more(site, status):
    site.answers = [status]
    site.passes(400, hears="lost")
    site.page.clock.fast_forward(3_600_000)
    site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert len(site.asked) == 1
