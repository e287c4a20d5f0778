"""A busy room: the seller at a desk and on a phone, a moderator, a viewer, the overlay, five hundred around them."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from benchmarks.parts.room_viewers import Task
from devtools.clock_picture import publisher
from devtools.stack import Stack
from tests.journeys import people
from tests.journeys.conftest import DESKTOP, PHONE, NewStack

pytestmark = pytest.mark.browser
COAT, SCARF = "캐시미어 코트", "모직 목도리"
AROUND = 500


@pytest.fixture(scope="module")
def stack(new_stack: NewStack) -> Iterator[Stack]:
    """Everybody of these tests comes from one address."""
    overrides = {"ROOM_MAX_CONNECTIONS_PER_ADDRESS": "2000"}
    with new_stack(overrides=overrides) as running:
        yield running


def test_a_busy_room(stack, new_person):
    desk, phone = new_person("seller's desk", DESKTOP), new_person("seller's phone", PHONE)
    moderator, viewer = new_person("moderator", DESKTOP), new_person("viewer", PHONE)
    people.sign_up(desk, "haneul", "하늘상점")
    people.sign_up(moderator, "jiki", "지킴이")
    people.sign_up(viewer, "bada", "바다")
    control_room = people.make_show(desk, "겨울 코트 방송", [(COAT, 189_000, 10), (SCARF, 39_000, 10)])
    show = control_room.replace("/studio/", "/live/")
    encoder = publisher(f"{stack.rtmp_url}/{people.copy_stream_key(desk)}")
    try:
        people.expect_fresh_picture(desk)
        people.confirm(desk, "방송 시작")
        people.until(lambda: people.status(desk) == "live", "the show is on air")
        with five_hundred_viewers(stack, show):
            viewer.goto(show)
            people.expect_moving_picture(viewer)
            expect(desk.locator("[data-number=viewers]")).to_contain_text("50", timeout=60_000)

            appoint_a_moderator(desk, moderator, control_room)
            overlay = open_overlay(desk, new_person)
            desk.goto(control_room)
            sign_in(phone, "haneul")
            phone.goto(control_room)

            message_is_hidden(moderator, viewer, desk)
            question_comes_on_the_picture(viewer, phone, desk, overlay)
            pin_from_the_phone(phone, desk, viewer, overlay)
            vote(desk, viewer)
            hearts(desk, viewer)
            time_out(moderator, viewer)
            people.expect_moving_picture(viewer)
        desk.goto(control_room)
        people.confirm(desk, "방송 종료")
        expect(desk.get_by_role("heading", name="방송 요약")).to_be_visible(timeout=30_000)
    finally:
        encoder.stop(5)


@contextmanager
def five_hundred_viewers(stack: Stack, show: str) -> Iterator[None]:
    """Guests without a picture, who hear everything."""
    task = Task(
        ports=[stack.ports.web],
        pids=[stack.pid("web")],
        path=f"/ws/rooms/{show.rstrip('/').rpartition('/')[2]}/",
        viewers=AROUND,
        rate=0.01,
        seconds=600,
        speech="text",
        first='{"type":"sync","after":null}',
    )
    command = [sys.executable, "-m", "benchmarks.parts.room_viewers", json.dumps(asdict(task))]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def sign_in(page: Page, username: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(username)
    page.locator("[name=password]").fill(people.PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def in_tab(page: Page, name: str) -> None:
    """On a phone the control room shows one part at a time."""
    page.locator("[data-control-tabs]").get_by_role("button", name=name).click()


def appoint_a_moderator(desk: Page, moderator: Page, control_room: str) -> None:
    moderator.goto(control_room)
    expect(moderator.locator("[data-control]")).to_have_count(0)
    managers = desk.locator("details", has=desk.locator("#moderation-moderators"))
    managers.locator("summary").click()
    managers.locator("[name=name]").fill("지킴이")
    managers.get_by_role("button", name="임명").click()
    expect(managers).to_contain_text("지킴이")
    moderator.goto(control_room)
    expect(moderator.locator("[data-control]")).to_be_visible()
    expect(moderator.locator("[data-number=viewers]")).not_to_have_text("–")
    expect(moderator.locator("[data-number=revenue]")).to_have_count(0)
    expect(moderator.get_by_role("button", name="방송 종료")).to_have_count(0)


def open_overlay(desk: Page, new_person) -> Page:
    """What OBS shows over the picture."""
    desk.goto("/studio/overlay/")
    desk.get_by_role("button", name="주소 만들기").click()
    address = desk.locator("#overlay-address").inner_text()
    overlay = new_person("overlay", {"width": 1280, "height": 720})
    overlay.goto(address)
    return overlay


def opaque_part(overlay: Page) -> float:
    """Which part of the overlay is not transparent, from 0 to 1."""
    picture = Image.open(io.BytesIO(overlay.screenshot(omit_background=True))).convert("RGBA")
    alpha = picture.getchannel("A")
    return 1 - alpha.histogram()[0] / (picture.width * picture.height)


def message_is_hidden(moderator: Page, viewer: Page, desk: Page) -> None:
    people.say(viewer, "이거 다른 데가 더 싸요")
    message = people.expect_message(moderator, "이거 다른 데가 더 싸요")
    people.expect_message(desk, "이거 다른 데가 더 싸요")
    message.hover()
    message.locator("[data-message-menu]").click()
    moderator.get_by_role("button", name="이 메시지 숨기기").click()
    for page in (viewer, desk):
        shown = page.locator("[data-chat-log] .message", has_text="이거 다른 데가 더 싸요")
        people.until(lambda shown=shown: shown.count() == 0 or not shown.is_visible(), "the message is gone")
    viewer.reload()
    people.expect_moving_picture(viewer)
    expect(viewer.locator("[data-chat-log]")).not_to_contain_text("더 싸요")


def question_comes_on_the_picture(viewer: Page, phone: Page, desk: Page, overlay: Page) -> None:
    assert opaque_part(overlay) == 0
    viewer.locator("[data-questions-open]:visible").click()
    ask = viewer.locator("[data-questions] [name=text]")
    ask.fill("세탁은 어떻게 하나요?")
    ask.press("Enter")
    expect(viewer.locator("[data-questions]")).to_contain_text("세탁은 어떻게 하나요?")
    viewer.get_by_role("button", name="질문 닫기").click()
    in_tab(phone, "질문")
    row = phone.locator("[data-questions-queue] .queue-row", has_text="세탁은")
    row.get_by_role("button", name="화면에 띄우기").click(timeout=30_000)
    for page in (viewer, overlay):
        card = page.locator("[data-on-picture]")
        expect(card).to_be_visible(timeout=15_000)
        expect(card).to_contain_text("세탁은 어떻게 하나요?")
        expect(card).to_contain_text("바다")
    assert 0 < opaque_part(overlay) < 0.4
    phone.get_by_role("button", name="답했어요").click()
    expect(viewer.locator("[data-on-picture]")).to_be_hidden(timeout=15_000)
    expect(overlay.locator("[data-on-picture]")).to_be_hidden(timeout=15_000)


def pin_from_the_phone(phone: Page, desk: Page, viewer: Page, overlay: Page) -> None:
    in_tab(phone, "상품")
    phone.locator("[data-control-lineup] li", has_text=SCARF).get_by_role("button", name="소개").click()
    expect(viewer.locator("[data-pinned-card]")).to_contain_text(SCARF, timeout=15_000)
    expect(overlay.locator(".overlay-product:visible")).to_contain_text(SCARF)
    pinned = desk.locator("[data-control-lineup] li", has_text=SCARF)
    expect(pinned.get_by_role("button", name="소개 끝")).to_be_visible(timeout=5_000)


def vote(desk: Page, viewer: Page) -> None:
    poll = desk.locator("details.activity-kind", has=desk.locator("summary", has_text="투표"))
    poll.locator("summary").click()
    poll.locator("[name=question]").fill("어떤 색이 좋아요?")
    options = poll.locator("[name^=option]")
    options.nth(0).fill("검정")
    options.nth(1).fill("베이지")
    poll.get_by_role("button", name="투표 시작").click()
    card = viewer.locator("[data-activity]")
    expect(card).to_contain_text("어떤 색이 좋아요?")
    card.get_by_role("button", name="베이지").click()
    expect(desk.locator("#activities")).to_contain_text("1명 참여", timeout=15_000)
    desk.get_by_role("button", name="지금 끝내고 결과 보여 주기").click()
    expect(card).to_contain_text("100%")
    card.locator("[data-activity-close]").click()


def hearts(desk: Page, viewer: Page) -> None:
    for _ in range(5):
        viewer.locator("[data-heart]").click()
    expect(desk.locator("[data-number=hearts]")).to_have_text("5", timeout=15_000)


def time_out(moderator: Page, viewer: Page) -> None:
    people.say(viewer, "같은 말 또 할게요")
    message = people.expect_message(moderator, "같은 말 또 할게요")
    message.hover()
    message.locator("[data-message-menu]").click()
    moderator.locator("[data-verb=timeout]").first.click()
    expect(viewer.locator("[data-composer] input[name=text]")).to_be_disabled()
    viewer.reload()
    expect(viewer.locator("[data-composer] input[name=text]")).to_be_disabled()
