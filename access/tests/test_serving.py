"""Files are served to whom they are for, whole or in ranges, and nothing beside them."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import AsyncClient
from django.utils import timezone

from access.byte_range import NOT_SATISFIABLE, read_range
from access.cookies import playback_cookies
from access.granting import grant_playback

CONTENT = bytes(range(256)) * 4
VIDEO = "videos/ab/1/seg.m4s"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    root = tmp_path / "media"
    settings.MEDIA_ROOT = root
    for name in (
        "products/a.webp",
        "images/a.webp",
        "previews/ab/1/hover.mp4",
        VIDEO,
        "videos/ab/1/master.m3u8",
        "videos/abc/1/seg.m4s",
        "videos/ab/.work/seg.m4s",
        "products/.hidden.webp",
        "sources/ab/film.mp4",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CONTENT)
    (tmp_path / "db.sqlite3").write_bytes(b"secret")
    (root / "products" / "link.webp").symlink_to(tmp_path / "db.sqlite3")
    (root / "videos" / "ab" / "elsewhere").symlink_to(root / "videos" / "abc" / "1")
    return root


def give_cookies(client, folder="videos/ab/", until=None):
    for cookie in playback_cookies().issue(folder, until=until or timezone.now() + timedelta(minutes=5)):
        client.cookies[cookie.name] = cookie.value


@pytest.mark.parametrize("name", ["products/a.webp", "images/a.webp", "previews/ab/1/hover.mp4"])
def test_public_files_are_for_everybody_and_for_ever(client, name):
    response = client.get(f"/media/{name}")
    assert b"".join(response) == CONTENT
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        "../db.sqlite3",
        "%2e%2e/db.sqlite3",
        "products/../../db.sqlite3",
        "products/%2e%2e/%2e%2e/db.sqlite3",
        "products/..%2f..%2fdb.sqlite3",
        "products/%252e%252e/db.sqlite3",
        "/etc/passwd",
        "products/",
        "products",
        "products/none.webp",
        "products/.hidden.webp",
        "products/link.webp",
        "sources/ab/film.mp4",
        "videos/ab/.work/seg.m4s",
        "videos/ab/elsewhere/seg.m4s",
        "videos/ab/1/none.m4s",
        "videos/ab/1",
        f"images/{'x' * 300}",
        f"videos/ab/{'x' * 300}/seg.m4s",
    ],
)
def test_everything_else_is_not_there(client, name):
    give_cookies(client)
    assert client.get(f"/media/{name}").status_code in (403, 404)
    assert client.get(f"/media/{name}").content != CONTENT


def test_a_video_needs_its_cookies(client):
    refused = client.get(f"/media/{VIDEO}")
    assert refused.status_code == 403
    assert refused.headers["Cache-Control"] == "no-store"
    give_cookies(client)
    response = client.get(f"/media/{VIDEO}")
    assert b"".join(response) == CONTENT
    assert response.headers["Cache-Control"].startswith("private")
    assert client.get("/media/videos/abc/1/seg.m4s").status_code == 403


def test_without_cookies_nobody_learns_which_videos_exist(client):
    assert client.get("/media/videos/ab/1/none.m4s").status_code == 403


def test_cookies_that_ran_out_open_nothing(client):
    give_cookies(client, until=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/media/{VIDEO}").status_code == 403


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("videos/ab/1/master.m3u8", "application/vnd.apple.mpegurl"),
        (VIDEO, "video/iso.segment"),
        ("previews/ab/1/hover.mp4", "video/mp4"),
        ("products/a.webp", "image/webp"),
    ],
)
def test_players_are_told_what_it_is(client, name, content_type):
    give_cookies(client)
    assert client.get(f"/media/{name}").headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    ("asked", "part", "content_range"),
    [
        ("bytes=0-0", CONTENT[:1], "bytes 0-0/1024"),
        ("bytes=10-19", CONTENT[10:20], "bytes 10-19/1024"),
        ("bytes=1000-", CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=-24", CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=1000-9999", CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=-9999", CONTENT, "bytes 0-1023/1024"),
    ],
)
def test_a_range_is_answered_with_just_that(client, asked, part, content_range):
    response = client.get("/media/previews/ab/1/hover.mp4", headers={"Range": asked})
    assert response.status_code == 206
    assert b"".join(response) == part
    assert response.headers["Content-Range"] == content_range
    assert response.headers["Content-Length"] == str(len(part))
    assert response.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(client, asked):
    response = client.get("/media/products/a.webp", headers={"Range": asked})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == "bytes */1024"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=9-3", "bytes=", "bytes=-", "lines=1-2", "bytes=a-b"]
)
def test_what_is_no_single_range_gets_the_whole_file(client, asked):
    response = client.get("/media/products/a.webp", headers={"Range": asked})
    assert response.status_code == 200
    assert b"".join(response) == CONTENT


def test_a_conditional_range_gets_the_whole_file(client):
    response = client.get("/media/products/a.webp", headers={"Range": "bytes=0-1", "If-Range": '"x"'})
    assert response.status_code == 200


def test_a_number_too_long_to_mean_anything_is_no_range():
    assert read_range(f"bytes={'9' * 5000}-", 10) is None
    assert read_range("bytes=0-", 0) == NOT_SATISFIABLE


def test_head_tells_the_length_and_sends_nothing(client):
    response = client.head("/media/products/a.webp")
    assert response.status_code == 200
    assert response.headers["Content-Length"] == "1024"
    assert response.content == b""


def test_media_cannot_be_posted_to(client):
    assert client.post("/media/products/a.webp").status_code == 405


def test_on_an_event_loop_a_large_file_comes_in_pieces(files: Path):
    large = files / "previews" / "ab" / "1" / "large.mp4"
    large.write_bytes(CONTENT * 1024)

    async def fetch():
        response = await AsyncClient().get("/media/previews/ab/1/large.mp4")
        return [piece async for piece in response]

    pieces = asyncio.run(fetch())
    assert len(pieces) == 4
    assert b"".join(pieces) == CONTENT * 1024


def test_a_grant_plays_until_it_runs_out_and_is_renewed_well_before(client, settings):
    settings.DEBUG = True  # no HTTPS on a developer's machine
    response = HttpResponse()
    renew_after = grant_playback(response, "videos/ab/")
    assert 0 < renew_after < settings.PLAYBACK_COOKIE_SECONDS
    for cookie in response.cookies.values():
        assert cookie["path"] == "/media/videos/ab/"
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["max-age"] == settings.PLAYBACK_COOKIE_SECONDS
        assert not cookie["secure"]
    assert "private" in response.headers["Cache-Control"]
    client.cookies.update(response.cookies)
    assert client.get(f"/media/{VIDEO}").status_code == 200


def test_in_production_cookies_travel_over_https_only(settings):
    settings.DEBUG = False
    response = HttpResponse()
    grant_playback(response, "videos/ab/")
    assert all(cookie["secure"] for cookie in response.cookies.values())
