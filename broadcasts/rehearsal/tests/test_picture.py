"""The pieces of a rehearsal's picture, read from a real ingest."""

import asyncio
import re

import pytest
from asgiref.sync import sync_to_async

from broadcasts.ingest.tests.support import media, running
from broadcasts.models import LocalChannel
from broadcasts.rehearsal.actions import open_rehearsal
from broadcasts.rehearsal.picture import picture_address, read_piece
from common.errors import ProviderError
from common.providers import provider
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def rehearsal():
    seller = make_member()
    LocalChannel.objects.filter(ref=seller.channel.provider_ref).update(playback_id="play-a")
    return open_rehearsal(make_broadcast(seller).pk)


def test_a_playlist_and_what_it_names_are_handed_on(rehearsal, tmp_path, monkeypatch):
    async def read():
        async with running(tmp_path) as site:
            monkeypatch.setattr(provider("LIVE_STREAMING"), "control_url", site.url(""))
            await site.encoder("key-a", media(3))
            get = sync_to_async(read_piece, thread_sensitive=False)
            index = await get(rehearsal, "index.m3u8", "")
            media_list = await get(rehearsal, "media.m3u8", "")
            text = media_list.data.decode()
            names = (
                re.findall(r"^[\w.-]+\.m4s$", text, re.M)[:1] + re.findall(r'PART:.*?URI="(.*?)"', text)[-1:]
            )
            pieces = [await get(rehearsal, name, "") for name in names]
            return index, media_list, pieces, await get(rehearsal, "gone.m4s", "")

    # Looked up here: the other thread would not see the rows of this test's transaction.
    origin = provider("LIVE_STREAMING").live_origin(rehearsal.broadcast.channel.provider_ref)
    assert origin.endswith("/live/play-a/")
    monkeypatch.setattr(
        provider("LIVE_STREAMING"),
        "live_origin",
        lambda ref: f"{provider('LIVE_STREAMING').control_url}/live/play-a/",
    )
    index, media_list, pieces, gone = asyncio.run(read())
    assert (index.status, index.content_type) == (200, "application/vnd.apple.mpegurl")
    assert b"media.m3u8" in index.data
    assert b"#EXT-X-PART" in media_list.data
    assert [(piece.status, piece.content_type) for piece in pieces] == [(200, "video/iso.segment")] * 2
    assert all(b"moof" in piece.data for piece in pieces)
    assert gone.status == 404


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("..%2fcontrol", ""),
        ("picture.jpg", ""),
        ("../../control/streams", ""),
        ("index.m3u8", "x=1"),
        ("index.m3u8", "_HLS_msn=1&_HLS_part=2#/"),
        ("a" * 90 + ".m4s", ""),
    ],
)
def test_nothing_else_of_the_ingest_can_be_reached(rehearsal, name, query):
    assert read_piece(rehearsal, name, query) is None


def test_an_ingest_that_is_away_is_an_error_with_a_name(rehearsal, monkeypatch):
    monkeypatch.setattr(provider("LIVE_STREAMING"), "control_url", "http://127.0.0.1:9")
    with pytest.raises(ProviderError):
        read_piece(rehearsal, "index.m3u8", "")


def test_a_provider_whose_addresses_run_out_gives_one(rehearsal, monkeypatch):
    streaming = provider("LIVE_STREAMING")
    assert picture_address(rehearsal) == f"/rehearsal/{rehearsal.code}/picture/index.m3u8"
    monkeypatch.setattr(streaming, "live_origin", lambda ref: "")
    monkeypatch.setattr(streaming, "playback_address", lambda ref, url: f"{url}?token=short")
    assert picture_address(rehearsal) == f"{rehearsal.broadcast.channel.playback_url}?token=short"
