"""The same trailer on S3, MediaConvert, CloudFront, SQS, SES and IVS, as strict stand-ins on this machine."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from devtools.ports import Ports
from devtools.stack import Stack
from tests import films
from tests.aws import cloud as amazon
from tests.journeys import announcing, people
from tests.journeys.conftest import DESKTOP, NewStack

pytestmark = pytest.mark.browser
TITLE, PRODUCT = "겨울 코트 미리 보기", "캐시미어 코트"


@pytest.fixture(scope="module")
def ports() -> Ports:
    return Ports.free()


@pytest.fixture(scope="module")
def cloud(ports: Ports) -> Iterator[amazon.Cloud]:
    with amazon.cloud(f"http://localhost:{ports.web}") as running:
        yield running


@pytest.fixture(scope="module")
def stack(new_stack: NewStack, ports: Ports, cloud: amazon.Cloud) -> Iterator[Stack]:
    """The product as on AWS: no transcoder of our own has anything to do, and the queue is read."""
    with new_stack(ports=ports, overrides=cloud.environment) as running:
        running.start_process("events")
        yield running


def test_a_trailer_from_its_file_to_the_show(stack, cloud, new_person, tmp_path):
    seller, member = new_person("seller", DESKTOP), new_person("member", DESKTOP)
    film = films.landscape(tmp_path / "코트.mp4", seconds=24)
    people.sign_up(seller, "coatshop", "코트가게")
    people.sign_up(member, "miru", "미루")
    welcomes = cloud.mails_to("miru@example.com")

    seller.goto("/studio/trailers/new/")
    announcing.fill_trailer(seller, title=TITLE, starts_at=announcing.start_in(7), product=PRODUCT)
    announcing.upload_through_a_drop(seller, film)
    seller.get_by_role("button", name="예고 올리기").click()
    seller.wait_for_url("**/studio/trailers/")
    announcing.wait_until_ready(seller, TITLE)
    assert not list((stack.data / "uploads").glob("**/*.mp4")), "nothing passed through this machine's disk"

    announcing.play_on_hover(member, TITLE)
    member.get_by_role("link", name=TITLE).click()
    member.wait_for_url(re.compile(r"/trailers/[^/]+/$"))
    address = member.url
    announcing.ask_to_be_reminded(member)
    announcing.play_every_rendition(member, sides=[360, 480, 720])
    the_cdn_asks_for_a_cookie(member)
    announcing.comment_in_place(member)
    announcing.expect_one_mail(
        lambda address: cloud.mails_to(address) - welcomes,
        "miru@example.com",
        still=lambda: member.wait_for_timeout(45_000),
    )

    announcing.start_broadcast(seller, TITLE)
    cloud.fake.ivs.go_live(channel_of(stack, "coatshop"))
    people.confirm(seller, "방송 시작")
    people.until(lambda: people.status(seller) == "live", "IVS's event put the show on air", seconds=40)
    announcing.follow_to_the_show(member, address, TITLE)


def the_cdn_asks_for_a_cookie(member) -> None:
    """The playback address alone opens nothing; the page's cookies cannot be read by a script."""
    address = member.locator("[data-replay-url]").get_attribute("data-replay-url")
    stranger = member.context.browser.new_context()
    assert stranger.request.get(address).status == 403
    stranger.close()
    assert "CloudFront" not in member.evaluate("document.cookie")
    names = {cookie["name"] for cookie in member.context.cookies() if cookie["httpOnly"]}
    assert {"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Hash-Algorithm"} <= names


def test_a_bad_file_is_refused_on_s3_too(stack, cloud, new_person, tmp_path):
    seller = new_person("seller", DESKTOP)
    people.sign_up(seller, "baduploader", "업로더")
    seller.goto("/studio/trailers/new/")
    place = announcing.choose(seller, "video", films.truncated(tmp_path / "a.mp4"))
    expect(place.locator("[role=alert]:visible")).to_contain_text("손상", timeout=30_000)


def channel_of(stack: Stack, username: str) -> str:
    code = "from broadcasts.models import *; print(Channel.objects.get(member__username=%r).provider_ref)"
    return stack.manage("shell", "--no-imports", "-c", code % username).strip().splitlines()[-1]
