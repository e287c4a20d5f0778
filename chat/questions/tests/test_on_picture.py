"""What goes with the picture waits for it: never early, at most eight seconds late."""

import pytest

pytestmark = pytest.mark.browser
BEGIN = """async () => {
    const { OnPicture } = await import("/static/js/room/on_picture.js");
    window.shown = [];
    window.picture = Date.now() - 3000;  // what the viewer sees happened three seconds ago
    window.screen_ = new OnPicture((value) => window.shown.push(value), () => window.picture);
    window.began = Date.now();
}"""


@pytest.fixture
def page(server, transactional_db, chromium):
    page = chromium.new_page()
    page.clock.install()
    page.goto(f"http://127.0.0.1:{server.port}/healthz")
    page.evaluate(BEGIN)
    return page


def play(page, seconds):
    """Let the clock and the picture go on."""
    for _ in range(int(seconds * 2)):
        page.evaluate("picture += 500")
        page.clock.run_for(500)


def shown(page):
    return page.evaluate("shown")


def test_it_waits_until_the_picture_is_there(page):
    page.evaluate("screen_.told('question', 1, began)")
    play(page, 3.5)
    assert shown(page) == []
    play(page, 1)
    assert shown(page) == ["question"]


def test_a_picture_that_stands_still_is_waited_for_eight_seconds(page):
    page.evaluate("screen_.told('question', 1, began)")
    page.clock.run_for(7_500)
    assert shown(page) == []
    page.clock.run_for(1_000)
    assert shown(page) == ["question"]


def test_who_comes_late_sees_at_once_what_has_been_there_for_long(page):
    page.evaluate("picture = -Infinity; screen_.told('question', 1, began - 60000)")
    assert shown(page) == ["question"]


def test_a_picture_without_a_clock_is_not_waited_for(page):
    page.evaluate("picture = null; screen_.told('question', 1, began)")
    assert shown(page) == ["question"]


def test_what_the_picture_left_behind_is_passed_over(page):
    page.evaluate("screen_.told('one', 1, began); screen_.told('two', 2, began + 100)")
    page.evaluate("screen_.told('old', 1, began)")
    page.evaluate("picture = began + 5000")
    page.clock.run_for(300)
    assert shown(page) == ["two"]


def test_an_empty_state_clears_what_is_there_and_what_is_to_come(page):
    page.evaluate("screen_.told('question', 1, began); screen_.clear()")
    play(page, 10)
    assert shown(page) == [None]
