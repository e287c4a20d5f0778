"""What people do on the site, by the words they see."""

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from devtools.clock_picture import READ_CLOCK_JS

PASSWORD = "a long enough one 9"


def until(
    true: Callable[[], bool], what: str, *, seconds: float = 60, found: Callable[[], object] = lambda: ""
) -> None:
    """Wait until something holds; if it never does, say what did not and what was found instead."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what} {found()}"
        time.sleep(0.2)


def sign_up(page: Page, username: str, nickname: str) -> None:
    page.goto("/accounts/signup/")
    for field, text in {
        "username": username,
        "password1": PASSWORD,
        "password2": PASSWORD,
        "email": f"{username}@example.com",
        "name": "김하늘",
        "nickname": nickname,
        "phone": "010-1234-5678",
        "postcode": "04524",
        "address": "서울 중구 세종대로 110",
        "address_detail": "3층",
    }.items():
        page.locator(f"[name={field}]").fill(text)
    for consent in ("agree_terms", "agree_privacy", "agree_age"):
        page.locator(f"[name={consent}]").check()
    page.get_by_role("button", name="가입").last.click()
    page.wait_for_url(lambda url: "signup" not in url)


def make_show(page: Page, title: str, products: list[tuple[str, int, int]]) -> str:
    """Create a broadcast with products (name, price in won, stock) and return the control room's address."""
    page.goto("/studio/new/")
    page.locator("[name=title]").fill(title)
    for number, (name, price, stock) in enumerate(products):
        if number:
            page.locator("[data-add-product]").click()
        page.locator(f"[name=new-{number}-name]").fill(name)
        page.locator(f"[name=new-{number}-price]").fill(str(price))
        page.locator(f"[name=new-{number}-stock]").fill(str(stock))
        page.locator(f"[name=new-{number}-category]").select_option(index=1)
    page.locator("main form").get_by_role("button", name="방송 만들기").click()
    page.wait_for_url(lambda url: "/studio/new" not in url)
    return page.url


def copy_stream_key(page: Page) -> str:
    page.get_by_role("button", name="스트림 키 복사").click()
    until(lambda: page.evaluate("navigator.clipboard.readText()").startswith("live_"), "the key is copied")
    return page.evaluate("navigator.clipboard.readText()")


def confirm(page: Page, button: str) -> None:
    """Press a button that asks first, and say yes."""
    page.wait_for_load_state()  # a page on its way in has no script yet that asks
    page.get_by_role("button", name=button, exact=True).first.click()
    page.locator("[data-confirm-dialog] [data-confirm-yes]").click()


def status(page: Page) -> str:
    return page.locator("[data-room], [data-control]").first.get_attribute("data-status") or ""


def video(page: Page) -> Locator:
    return page.locator("video[data-video]")


def position(page: Page) -> float:
    """Where the player is, in seconds."""
    return page.evaluate("document.querySelector('video[data-video]').currentTime")


def decoded_frames(page: Page) -> int:
    return page.evaluate(
        "document.querySelector('video[data-video]').getVideoPlaybackQuality().totalVideoFrames"
    )


def picture_age(page: Page) -> float | None:
    """How old the shown picture is by the clock burned into it, in seconds; None if there is no clock."""
    clock = video(page).evaluate(READ_CLOCK_JS)
    return None if clock is None else time.time() - clock / 1000


def screenshot_of_picture(page: Page) -> bytes:
    """A screenshot of just the part of the page that the picture covers (`object-fit: contain`)."""
    clip = page.evaluate(
        """() => {
            const video = document.querySelector("video[data-video]");
            const box = video.getBoundingClientRect();
            const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
            const width = video.videoWidth * scale, height = video.videoHeight * scale;
            const [left, top] = getComputedStyle(video).objectPosition.split(" ").map((part) => parseFloat(part) / 100);
            return {
                x: box.x + (box.width - width) * left, y: box.y + (box.height - height) * top, width, height,
            };
        }"""
    )
    return page.screenshot(clip=clip)


def expect_fresh_picture(page: Page, *, seconds: float = 60) -> None:
    ages: list[float | None] = []

    def is_fresh() -> bool:
        ages.append(picture_age(page))
        return (ages[-1] or 99) < 6

    def player() -> object:
        state = video(page).evaluate(
            """video => ({
                player: video.closest("[data-player]")?.dataset.player,
                ready: video.readyState, paused: video.paused, error: video.error?.message,
                at: video.currentTime, until: video.buffered.length && video.buffered.end(0),
            })"""
        )
        return {"ages in s": ages[-5:], **state}

    until(is_fresh, "a fresh picture", seconds=seconds, found=player)


def expect_moving_picture(page: Page, *, seconds: float = 30) -> None:
    """The picture is fresh, time goes on and frames are decoded."""
    expect_fresh_picture(page, seconds=seconds)
    before, frames = position(page), decoded_frames(page)
    until(lambda: position(page) > before + 1, "the video moves on")
    assert decoded_frames(page) > frames


def say(page: Page, text: str) -> None:
    composer = page.locator("[data-composer] input")
    composer.fill(text)
    composer.press("Enter")


def expect_message(page: Page, text: str) -> Locator:
    message = page.locator("[data-chat-log] .message", has_text=text)
    expect(message).to_have_count(1)
    return message


def open_buy_sheet(page: Page) -> None:
    """Open the sheet of the pinned product."""
    page.locator("[data-pinned-buy]").click()
    expect(page.locator("[data-buy-step=form]")).to_be_visible()


def take_hold(page: Page) -> Locator:
    """Press "buy now" in the sheet or on a product's page and return the checkout, whose clock runs."""
    page.get_by_role("button", name="바로 구매").click()
    checkout = page.locator("[data-buy-step=checkout]")
    expect(checkout.locator("[data-hold-time]")).to_contain_text(":")
    return checkout


def go_to_payment(page: Page) -> None:
    """Agree and press the one button of the checkout."""
    checkout = page.locator("[data-buy-step=checkout]")
    expect(checkout.locator("[name=agreed]")).not_to_be_checked()
    checkout.locator("[name=agreed]").check()
    checkout.get_by_role("button", name="결제하기").click()


def submit_order(page: Page) -> None:
    take_hold(page)
    go_to_payment(page)


def pay(page: Page, button: str) -> None:
    """Press a button of the practice provider, in the sheet's frame."""
    page.frame_locator(".pay-frame").get_by_role("button", name=button).first.click()
