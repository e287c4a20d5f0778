"""A trailer's life as people see it, from the file to the show; the same against every storage and transcoder."""

import re
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from playwright.sync_api import Error, Locator, Page, expect

from tests.journeys import people

SEOUL = ZoneInfo("Asia/Seoul")
UPLOADED_STATES = ("checking", "ready")
UPLOAD_BYTES_PER_SECOND = 4_000_000


class Mailbox(Protocol):
    """How many mails a site has sent to an address by its background tasks."""

    def __call__(self, address: str) -> int: ...


def start_in(minutes: int) -> datetime:
    """Return a whole minute, at most so far ahead: the field knows no seconds."""
    return (datetime.now(SEOUL) + timedelta(minutes=minutes)).replace(second=0, microsecond=0)


def fill_trailer(seller: Page, *, title: str, starts_at: datetime, product: str) -> None:
    """Fill in everything of a new trailer but the files."""
    seller.locator("[name=title]").fill(title)
    seller.locator("[name=starts_at]").fill(starts_at.strftime("%Y-%m-%dT%H:%M"))
    form = seller.locator("[data-product-form]")
    form.locator("[name$=name]").fill(product)
    form.locator("[name$=price]").fill("39000")
    form.locator("[name$=stock]").fill("7")
    form.locator("[name$=category]").select_option(index=1)


def field(page: Page, purpose: str) -> Locator:
    return page.locator(f"[data-upload-field][data-purpose={purpose}]").first


def choose(page: Page, purpose: str, file: Path) -> Locator:
    """Choose a file in an upload field, and return the field."""
    place = field(page, purpose)
    place.locator("input[type=file]").first.set_input_files(file)
    return place


def state(place: Locator) -> str:
    return place.get_attribute("data-state") or ""


def wait_until_arrived(place: Locator, *, seconds: float = 60) -> None:
    people.until(lambda: state(place) in UPLOADED_STATES, "the file has arrived", seconds=seconds)


@contextmanager
def slow_network(page: Page, bytes_per_second: int):
    """Let the page send no faster than this; yields a function that cuts it off and joins it again."""
    tools = page.context.new_cdp_session(page)

    def limit(*, offline: bool = False) -> None:
        tools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": offline,
                "latency": 5,
                "downloadThroughput": -1,
                "uploadThroughput": bytes_per_second,
            },
        )

    tools.send("Network.enable")
    limit()
    yield limit
    tools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    tools.detach()


def upload_through_a_drop(seller: Page, film: Path) -> None:
    """Upload a video of several parts whose network is gone for some seconds in the middle."""
    with slow_network(seller, UPLOAD_BYTES_PER_SECOND) as limit:
        place = choose(seller, "video", film)
        bar = place.locator("[data-upload-bar]")
        people.until(lambda: percent(bar) >= 10, "progress shows")
        limit(offline=True)
        people.until(lambda: state(place) == "waiting", "the field says that it waits for the network")
        stopped_at = percent(bar)
        seller.wait_for_timeout(2500)
        assert state(place) == "waiting"
        limit()
        people.until(lambda: percent(bar) > stopped_at or state(place) != "waiting", "the upload goes on")
        wait_until_arrived(place)


def percent(bar: Locator) -> int:
    return int(bar.get_attribute("aria-valuenow") or 0)


def wait_until_ready(seller: Page, title: str) -> list[int]:
    """Watch the card on "my trailers", touching nothing, until the video is ready; return the percents it showed."""
    row = seller.locator(".show-rows > li", has_text=title)
    shown: list[int] = []

    def is_ready() -> bool:
        # One look at all there is: between two questions the card may go, since it reloads itself.
        try:
            states = row.locator("[data-asset-card]").evaluate_all(
                """cards => cards.map((card) => [
                    card.dataset.status,
                    card.querySelector("[data-asset-bar]")?.getAttribute("aria-valuenow") ?? null,
                ])"""
            )
        except Error as error:
            if "context was destroyed" not in error.message:
                raise
            return False  # the page is just loading itself anew, with the film
        if not states:  # ready before the page was made, or about to be shown
            return row.count() == 1 and not row.locator("[hx-get]").count()
        [(status, percent_now)] = states
        if percent_now is not None:
            shown.append(int(percent_now))
        return status == "ready"

    people.until(is_ready, f"{title} is ready", seconds=120)
    return shown


def play_on_hover(page: Page, title: str) -> None:
    """The card's clip plays under the pointer, silent, and goes away with it."""
    page.goto("/trailers/")
    card = page.locator("[data-clip-card]", has_text=title)
    expect(card).to_be_visible()
    card.hover()
    clip = card.locator("video.clip")
    expect(clip).to_have_count(1)
    people.until(lambda: clip.evaluate("clip => clip.currentTime") > 0.5, "the clip plays")
    assert clip.evaluate("clip => clip.muted") is True
    page.mouse.move(2, 2)
    expect(clip).to_have_count(0)


def play_by_keyboard(page: Page, title: str) -> None:
    page.goto("/trailers/")
    card = page.locator("[data-clip-card]", has_text=title)
    card.locator("[data-clip]").focus()
    page.keyboard.press("Enter")
    clip = card.locator("video.clip")
    people.until(lambda: clip.count() and clip.evaluate("clip => clip.currentTime") > 0.3, "the clip plays")
    page.keyboard.press("Enter")
    expect(clip).to_have_count(0)


def play_every_rendition(page: Page, *, sides: list[int]) -> None:
    """Choose each picture size by name and see the picture come in that size, going on from where it was."""
    quality = page.locator("[data-quality]")
    people.until(lambda: people.position(page) > 0.5, "the trailer plays")
    expect(quality.locator("option")).to_have_count(len(sides) + 1)
    for side in sides:
        quality.select_option(label=f"{side}p")
        people.until(lambda side=side: short_side(page) == side, f"the picture is {side}p")
        if page.evaluate("document.querySelector('video[data-video]').ended"):
            page.locator("[data-action=play]").click()
        before = people.decoded_frames(page)
        people.until(lambda before=before: people.decoded_frames(page) > before + 5, f"{side}p moves")
    quality.select_option(value="-1")


def short_side(page: Page) -> int:
    return page.evaluate(
        "(() => { const v = document.querySelector('video[data-video]');"
        " return Math.min(v.videoWidth, v.videoHeight); })()"
    )


def comment_in_place(member: Page) -> None:
    """Write, edit and delete a comment; the page is never loaded anew and the video goes on."""
    member.evaluate("window.sameDocument = true")
    comments = member.locator("#comments")
    comments.locator("textarea[name=text]").first.fill("색상이 몇 가지예요?")
    comments.get_by_role("button", name="댓글 남기기").click()
    own = member.locator(".comment", has_text="색상이 몇 가지예요?")
    expect(own).to_have_count(1)
    own.get_by_role("link", name="수정").click()
    editor = member.locator("li.comment form.comment-form textarea")
    editor.fill("색상이 몇 가지인지 궁금해요")
    member.locator("li.comment form.comment-form").get_by_role("button", name="저장").click()
    edited = member.locator(".comment", has_text="색상이 몇 가지인지 궁금해요")
    expect(edited).to_contain_text("(수정됨)")
    expect(member.locator(".comment", has_text="색상이 몇 가지예요?")).to_have_count(0)
    edited.get_by_role("button", name="삭제").click()
    member.locator("[data-confirm-dialog] [data-confirm-yes]").click()
    expect(edited).to_have_count(0)
    assert member.evaluate("window.sameDocument") is True


def ask_to_be_reminded(member: Page) -> None:
    button = member.locator(".remind button[aria-pressed]").first
    expect(button).to_have_text(re.compile("알림 받기"))
    button.click()
    expect(member.locator(".remind button[aria-pressed]").first).to_have_text(re.compile("알림 받는 중"))


def expect_one_mail(mails: Mailbox, address: str, *, still: Callable[[], None]) -> None:
    """A reminder arrives, and after `still` (some rounds of the sender) it is still one."""
    people.until(lambda: mails(address) >= 1, f"a reminder for {address}", seconds=170)
    still()
    assert mails(address) == 1


def start_broadcast(seller: Page, title: str) -> None:
    """Press "start broadcast" on "my trailers"; the control room has everything the trailer had."""
    seller.goto("/studio/trailers/")
    row = seller.locator(".show-rows > li", has_text=title)
    row.get_by_role("button", name="방송 시작").click()
    seller.locator("[data-confirm-dialog] [data-confirm-yes]").click()
    seller.wait_for_url(re.compile(r"/studio/(?!trailers)[^/]+/$"))
    expect(seller.locator("main")).to_contain_text(title)


def follow_to_the_show(member: Page, trailer_address: str, title: str) -> None:
    """The open trailer page says "on air" by itself and leads over."""
    assert member.url == trailer_address
    link = member.get_by_role("link", name="방송 보러 가기")
    expect(link).to_be_visible(timeout=40_000)
    link.click()
    member.wait_for_url("**/live/**")
    expect(member.locator("main, [data-room]").first).to_contain_text(title)
