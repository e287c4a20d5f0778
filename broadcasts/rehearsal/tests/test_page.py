"""A rehearsal's guest in a real Chromium, before a real server and a real ingest."""

import asyncio

import pytest
from channels.db import database_sync_to_async
from playwright.async_api import expect

from broadcasts.camera.tests.test_page import page_of
from broadcasts.ingest.tests.support import media, running
from broadcasts.models import LocalChannel
from broadcasts.rehearsal.actions import close_rehearsal, open_rehearsal
from chat.tests.servers import free_port, serving
from tests.makers import make_broadcast, make_member

SEEN = "[data-rehearsal][data-seen]"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_guest_sees_the_picture_until_it_is_closed(tmp_path):
    seller = make_member()
    LocalChannel.objects.filter(ref=seller.channel.provider_ref).update(playback_id="play-a")
    rehearsal = open_rehearsal(make_broadcast(seller, title="첫 리허설").pk)
    port = free_port()

    async def watch(server):
        async with (
            running(tmp_path, http_port=port) as site,
            page_of("viewer=nobody", f"http://127.0.0.1:{server.port}") as page,
        ):
            await site.encoder("key-a", media(20))
            await page.goto(f"/rehearsal/{rehearsal.code}/")
            await page.get_by_label("입장 코드").fill(rehearsal.pass_code)
            await page.get_by_role("button", name="입장하기").click()
            await expect(page.locator(SEEN)).to_have_count(1, timeout=20_000)
            await database_sync_to_async(close_rehearsal)(rehearsal.broadcast_id)
            await expect(page.get_by_text("리허설이 끝났어요")).to_be_visible(timeout=15_000)

    with serving(INGEST_CONTROL_URL=f"http://127.0.0.1:{port}") as server:
        asyncio.run(watch(server))
        assert not server.errors()
