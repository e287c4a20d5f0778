"""The camera's page in a real Chromium with a fake camera, before a real server and a real ingest."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from channels.db import database_sync_to_async
from playwright.async_api import Page, async_playwright, expect

from broadcasts.camera.tests.cuttable import wire_to
from broadcasts.camera.tests.support import send_to, session_cookie
from broadcasts.ingest.tests.support import decode, frames, packets, running, stop, until
from devtools.chromium import FLAGS
from tests.makers import make_broadcast

VARIABLE_RATE = "non monotonically increasing dts to muxer"
"""What the decoder says of frames closer to each other than its own fixed rate."""

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@contextlib.asynccontextmanager
async def page_of(seller_cookie: str, address: str) -> AsyncIterator[Page]:
    """A browser of the seller's own, whose console complaints fail the test."""
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    assert path, "These tests need Chromium: run ./dev test, or set CHROMIUM_PATH."
    name, _, value = seller_cookie.partition("=")
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *CAMERA])
        context = await browser.new_context(
            base_url=address, viewport={"width": 390, "height": 844}, locale="ko-KR", timezone_id="Asia/Seoul"
        )
        await context.add_cookies([{"name": name, "value": value, "url": address}])
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    assert complaints == []


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def comes_to(page: Page, state: str) -> None:
    await expect(page.locator(f'[data-camera][data-state="{state}"]')).to_have_count(1, timeout=20_000)


@pytest.mark.browser
def test_a_camera_reaches_the_ingest_and_survives_a_cut(camera_server, tmp_path, seller):
    make_broadcast(seller, title="카메라 방송")
    cookie = session_cookie(seller)

    async def show():
        async with (
            running(tmp_path) as site,
            wire_to(camera_server.port) as wire,
            page_of(cookie, f"http://127.0.0.1:{wire.port}") as page,
        ):
            await database_sync_to_async(send_to)(site, seller)
            await page.goto("/studio/channel/camera/")
            await expect(page.get_by_role("heading", name="카메라 방송")).to_be_visible()
            await press(page, "카메라 켜기")
            await comes_to(page, "preview")
            await expect(page.locator("#camera-device option")).not_to_have_count(1)
            assert site.server.describe() == [], "what is previewed is seen by nobody"

            await press(page, "송출 시작")
            await comes_to(page, "sending")
            await until(lambda: site.server.describe())
            (live,) = site.server.describe()
            assert live["has_sound"]
            await asyncio.sleep(4)

            wire.cut()
            await comes_to(page, "retrying")
            await comes_to(page, "sending")
            await until(lambda: site.told.count("Stream Start") == 2, timeout=20)
            await asyncio.sleep(4)
            await press(page, "송출 멈추기")
            await comes_to(page, "preview")
            await until(lambda: site.told.count("Stream End") == 2)
            await stop(site)
            return live, site.told, await site.recorded()

    live, told, folder = asyncio.run(show())
    assert told.count("Recording Start") == 1, "the viewers' recording goes on"
    assert (live["width"], live["height"]) == (608, 1080), "upright, on a page as narrow as a phone"
    found = packets(folder / "master.m3u8")
    for stream in (0, 1):
        track = frames(found, stream)
        assert track[-1].pts - track[0].pts > 6
        assert all(before.dts < after.dts for before, after in pairwise(track))
    assert len(frames(found, 0)) > 60
    complaints = decode(folder / "master.m3u8").splitlines()
    assert [line for line in complaints if VARIABLE_RATE not in line] == []
