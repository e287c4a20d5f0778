"""A show from sign-up to replay: real encoder, real browsers, nothing in between replaced."""

import time

import pytest
from playwright.sync_api import Page, expect

from devtools.clock_picture import publisher, read_screenshot
from tests.journeys import people
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
JACKET, LAMP = "울 자켓", "작은 조명"


def test_a_show_from_sign_up_to_replay(stack, new_person):
    seller, buyer, rival = (
        new_person("seller", DESKTOP),
        new_person("buyer", PHONE),
        new_person("rival", DESKTOP),
    )

    # The seller signs up, has a channel, and sets a show up.
    people.sign_up(seller, "haneul", "하늘상점")
    control_room = people.make_show(seller, "가을 신상 방송", [(JACKET, 89_000, 1), (LAMP, 12_900, 5)])
    key = people.copy_stream_key(seller)
    address = f"{stack.rtmp_url}/{key}"
    encoder = publisher(address)
    try:
        go_live(seller)
        watch_as_guest_then_member(buyer)
        people.sign_up(rival, "rival", "경쟁자")
        rival.goto(buyer.url)
        people.expect_moving_picture(rival)
        expect(buyer.locator("[data-viewers-text]")).to_contain_text("명 시청 중")
        expect(seller.locator("[data-viewers-count]")).to_have_text("3", timeout=15_000)

        chat_both_ways(seller, buyer)
        buy_the_last_one(seller, buyer, rival)

        encoder.kill()
        encoder.stop(5)
        encoder = survive_a_lost_encoder(seller, buyer, rival, address)
        people.expect_moving_picture(buyer)
        buyer.wait_for_timeout(3000)

        end_and_watch_the_replay(seller, buyer, control_room)
    finally:
        encoder.stop(5)
    find_the_order_again(seller, buyer)


def go_live(seller: Page) -> None:
    expect(seller.locator("#ingest-card")).to_contain_text("스트림 키")
    people.expect_fresh_picture(seller)
    people.confirm(seller, "방송 시작")
    people.until(lambda: people.status(seller) == "live", "the show is on air")


def watch_as_guest_then_member(buyer: Page) -> None:
    buyer.goto("/")
    buyer.get_by_role("link", name="가을 신상 방송").first.click()
    buyer.wait_for_url("**/live/**")
    people.expect_moving_picture(buyer)
    shown = read_screenshot(people.screenshot_of_picture(buyer))
    assert shown is not None
    assert time.time() - shown / 1000 < 8

    # A guest reads; writing asks for an account and comes back to the show.
    expect(buyer.locator("[data-composer]")).to_have_count(0)
    live_page = buyer.url
    buyer.get_by_role("link", name="로그인하고 채팅하기").click()
    buyer.wait_for_url("**/login/**")
    people.sign_up(buyer, "bada", "바다")
    buyer.goto(live_page)
    people.expect_moving_picture(buyer)


def chat_both_ways(seller: Page, buyer: Page) -> None:
    people.say(buyer, "안녕하세요 <b>처음</b> 왔어요")
    people.expect_message(seller, "안녕하세요 <b>처음</b> 왔어요")
    people.say(seller, "어서 오세요!")
    greeting = people.expect_message(buyer, "어서 오세요!")
    expect(greeting).to_contain_text("판매자")
    expect(greeting).to_contain_text("하늘상점")


def buy_the_last_one(seller: Page, buyer: Page, rival: Page) -> None:
    seller.locator("[data-control-lineup] li", has_text=JACKET).get_by_role("button", name="소개").click()
    for page in (buyer, rival):
        expect(page.locator("[data-pinned-card]")).to_contain_text(JACKET)
        people.open_buy_sheet(page)
    buyer.evaluate("window.sameDocument = true")

    before = people.position(buyer)
    people.submit_order(buyer)
    expect(buyer.locator(".pay-frame")).to_be_visible()
    expect(rival.locator("[data-pinned-card]")).to_contain_text("품절")
    expect(rival.locator("[data-buy-step=form]")).to_contain_text("품절됐어요")
    expect(rival.locator("[data-buy-step=form]").get_by_role("button", name="바로 구매")).to_be_disabled()
    people.pay(buyer, "결제 성공")
    receipt = buyer.locator("[data-buy-step=paid]")
    expect(receipt).to_contain_text("결제가 끝났어요")
    expect(receipt).to_contain_text("89,000원")
    people.until(lambda: people.position(buyer) > before + 1, "the video went on while buying")
    assert buyer.evaluate("window.sameDocument") is True
    for page in (buyer, rival):
        page.locator("[data-buy-sheet] [data-buy-close]").last.click()


def survive_a_lost_encoder(seller: Page, buyer: Page, rival: Page, address: str):
    for page in (buyer, rival):
        people.until(lambda page=page: people.status(page) == "reconnecting", "viewers see reconnecting")
    lost_at = time.monotonic()
    people.say(buyer, "영상이 끊겼어요")
    people.expect_message(rival, "영상이 끊겼어요")
    buyer.wait_for_timeout(max(0, 20 - (time.monotonic() - lost_at)) * 1000)
    encoder = publisher(address)
    for page in (buyer, rival):
        people.until(lambda page=page: people.status(page) == "live", "the show is live again")
        people.expect_moving_picture(page)
    assert buyer.evaluate("window.sameDocument") is True
    return encoder


def end_and_watch_the_replay(seller: Page, buyer: Page, control_room: str) -> None:
    seller.goto(control_room)
    people.confirm(seller, "방송 종료")
    people.until(lambda: people.status(seller) == "ended", "the show is over")
    expect(buyer.locator("[data-replay]")).to_have_count(1, timeout=20_000)
    people.until(lambda: people.position(buyer) > 1, "the replay plays")
    duration = buyer.evaluate("document.querySelector('video[data-video]').duration")
    assert duration > 20
    # From start to end, faster than life, without a seek: one timeline.
    buyer.evaluate(
        """() => {
            const video = document.querySelector("video[data-video]");
            window.jumps = [];
            let last = video.currentTime;
            video.addEventListener("timeupdate", () => {
                const now = video.currentTime;
                if (now - last > 6 || now < last) window.jumps.push([last, now]);
                last = now;
            });
            video.addEventListener("seeking", () => window.jumps.push("seek"));
            video.playbackRate = 4;
        }"""
    )
    people.until(
        lambda: buyer.evaluate("document.querySelector('video[data-video]').ended"),
        "the replay reaches its end",
        seconds=90,
    )
    assert buyer.evaluate("window.jumps") == []
    expect(buyer.locator("[data-lineup]")).to_contain_text(LAMP)


def find_the_order_again(seller: Page, buyer: Page) -> None:
    buyer.goto("/orders/")
    expect(buyer.locator("main")).to_contain_text(JACKET)
    expect(buyer.locator("main")).to_contain_text("89,000원")
    seller.goto("/studio/sales/")
    expect(seller.locator("main")).to_contain_text(JACKET)
    expect(seller.locator("main")).to_contain_text("89,000원")
