"""A trailer on one machine: upload, transcode, list, page, comments, reminder, and over to the show."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from devtools.clock_picture import publisher
from devtools.stack import Stack
from tests import films
from tests.journeys import announcing, people
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
TITLE, PRODUCT = "겨울 코트 미리 보기", "캐시미어 코트"


def test_a_trailer_from_its_file_to_the_show(stack, new_person, tmp_path):
    seller, member = new_person("seller", DESKTOP), new_person("member", DESKTOP)
    film = films.landscape(tmp_path / "코트.mp4", seconds=24)
    people.sign_up(seller, "coatshop", "코트가게")
    key = stream_key(seller)
    people.sign_up(member, "miru", "미루")

    seller.goto("/studio/trailers/new/")
    starts_at = announcing.start_in(7)
    announcing.fill_trailer(seller, title=TITLE, starts_at=starts_at, product=PRODUCT)
    announcing.upload_through_a_drop(seller, film)
    seller.get_by_role("button", name="예고 올리기").click()
    seller.wait_for_url("**/studio/trailers/")
    shown = announcing.wait_until_ready(seller, TITLE)
    assert shown == sorted(shown), "progress never goes back"

    announcing.play_on_hover(member, TITLE)
    announcing.play_by_keyboard(member, TITLE)
    member.get_by_role("link", name=TITLE).click()
    member.wait_for_url(re.compile(r"/trailers/[^/]+/$"))
    address = member.url
    announcing.ask_to_be_reminded(member)
    announcing.play_every_rendition(member, sides=[360, 480, 720])
    announcing.comment_in_place(member)
    guest_sees_it_on_a_phone(new_person("guest", PHONE), address)

    mails = log_of_mails(stack)
    announcing.expect_one_mail(
        mails, "miru@example.com", still=lambda: restart_worker_and_wait(stack, member)
    )

    announcing.start_broadcast(seller, TITLE)
    encoder = publisher(f"{stack.rtmp_url}/{key}")
    try:
        people.confirm(seller, "방송 시작")
        people.until(lambda: people.status(seller) == "live", "the show is on air")
        announcing.follow_to_the_show(member, address, TITLE)
        people.expect_moving_picture(member)
        people.confirm(seller, "방송 종료")
    finally:
        encoder.stop(5)


def stream_key(seller: Page) -> str:
    seller.goto("/studio/channel/")
    return people.copy_stream_key(seller)


def guest_sees_it_on_a_phone(guest: Page, address: str) -> None:
    guest.goto(address)
    people.until(lambda: people.position(guest) > 0.5, "a guest's trailer plays")
    expect(guest.locator("main")).to_contain_text("39,000원")
    expect(guest.get_by_role("link", name="로그인하고 댓글 남기기")).to_be_visible()
    assert guest.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


def log_of_mails(stack: Stack) -> announcing.Mailbox:
    """The console backend prints every mail into the log of the process that sends it."""
    logs: list[Path] = [stack.log("worker")]

    def count(address: str) -> int:
        return sum(log.read_text().count(f"To: {address}") for log in logs)

    return count


def restart_worker_and_wait(stack: Stack, page: Page) -> None:
    """Kill the sender and let another one have two rounds."""
    stack.kill("worker")
    stack.start_process("worker")
    page.wait_for_timeout(45_000)
