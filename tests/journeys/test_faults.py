"""Processes killed in the middle of everything: nothing is lost, nothing doubled, nothing stuck after the sweep."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from devtools.stack import Stack
from tests import films
from tests.journeys import people
from tests.journeys.conftest import NewStack

pytestmark = pytest.mark.browser

# Each sweep's patience, its period, and the work that is left to do.
AFTER_SWEEPS_S = 180


@pytest.fixture(scope="module")
def site(new_stack: NewStack) -> Iterator[Stack]:
    """A site of its own: other journeys must not meet its dead processes."""
    with new_stack() as running:
        yield running


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long enough to be killed in the middle of its transcode."""
    return films.landscape(tmp_path_factory.mktemp("films") / "a.mp4", seconds=40)


@pytest.fixture
def seller(site: Stack):
    with httpx.Client(base_url=site.site_url, follow_redirects=True, timeout=30) as client:
        client.get("/accounts/signup/")
        name = f"fault{time.monotonic_ns() % 10**9}"
        answers = {
            "username": name,
            "email": f"{name}@example.com",
            "password1": people.PASSWORD,
            "password2": people.PASSWORD,
            "name": "김하늘",
            "nickname": name[:12],
            "phone": "010-1234-5678",
            "postcode": "04524",
            "address": "서울 중구 세종대로 110",
            "address_detail": "3층",
            "kind": "personal",
            **dict.fromkeys(("agree_terms", "agree_privacy", "agree_age"), "on"),
        }
        post(client, "/accounts/signup/", **answers)
        assert client.get("/me/").status_code == 200
        yield client


def post(client: httpx.Client, path: str, **values: Any) -> httpx.Response:
    token = client.cookies["csrftoken"]
    return client.post(path, data=values, headers={"X-CSRFToken": token})


def begin(seller: httpx.Client, film: Path) -> dict[str, Any]:
    size = film.stat().st_size
    answer = post(seller, "/uploads/", purpose="video", name=film.name, size=size, content_type="video/mp4")
    assert answer.status_code == 201, answer.text
    return answer.json()


def send_parts(seller: httpx.Client, code: str, film: Path, part_size: int, numbers: list[int]) -> None:
    granted = post(seller, f"/uploads/{code}/parts/", numbers=",".join(map(str, numbers))).json()["parts"]
    content = film.read_bytes()
    for part in granted:
        start = (part["number"] - 1) * part_size
        sent = httpx.put(
            httpx.URL(str(seller.base_url)).join(part["url"]),
            content=content[start : start + part["size"]],
            timeout=30,
        )
        assert sent.status_code == 204, sent.text


def upload(seller: httpx.Client, film: Path) -> str:
    begun = begin(seller, film)
    code, part_size = begun["asset"]["code"], begun["part_size"]
    count = -(-film.stat().st_size // part_size)
    send_parts(seller, code, film, part_size, list(range(1, count + 1)))
    assert post(seller, f"/uploads/{code}/complete/").status_code == 200
    return code


def asset(seller: httpx.Client, code: str) -> dict[str, Any]:
    return seller.get(f"/uploads/{code}/").json()["asset"]


def until_ready(seller: httpx.Client, code: str) -> None:
    people.until(
        lambda: asset(seller, code)["status"] == "ready", "the video is ready", seconds=AFTER_SWEEPS_S
    )


def count(site: Stack, expression: str) -> int:
    printed = site.manage(
        "shell", "--no-imports", "-c", f"from media_pipeline.models import *; print({expression})"
    )
    return int(re.findall(r"\d+", printed)[-1])


def expect_made_once(site: Stack, seller: httpx.Client, code: str) -> None:
    """One result in one folder, every event applied, no half output left."""
    assert asset(seller, code)["problem"] == ""
    folders = list((site.data / "media" / "videos" / code).iterdir())
    masters = [folder for folder in folders if not folder.name.endswith(".first")]
    assert len(masters) == 1, folders
    assert (masters[0] / "master.m3u8").exists()
    people.until(
        lambda: count(site, "ProviderEvent.objects.exclude(status='applied').count()") == 0,
        "every event is applied",
    )
    work = site.data / "media" / ".work"
    assert not work.exists() or not list(work.iterdir()), "no half output is left"


def test_the_transcoder_is_killed_in_the_middle(site, seller, film):
    code = upload(seller, film)
    people.until(lambda: asset(seller, code)["percent"] >= 10, "it transcodes", seconds=60)
    site.kill("transcoder")
    site.start_process("transcoder")
    until_ready(seller, code)
    expect_made_once(site, seller, code)


def test_the_worker_is_killed_while_it_checks_and_applies(site, seller, film):
    code = upload(seller, film)
    site.kill("worker")
    site.start_process("worker")
    people.until(
        lambda: asset(seller, code)["status"] == "transcoding", "it was checked", seconds=AFTER_SWEEPS_S
    )
    site.kill("worker")
    site.start_process("worker")
    until_ready(seller, code)
    expect_made_once(site, seller, code)


@pytest.mark.parametrize("stage", ["between parts", "before the check", "in the transcode"])
def test_redis_is_killed(site, seller, film, stage):
    begun = begin(seller, film)
    code, part_size = begun["asset"]["code"], begun["part_size"]
    numbers = list(range(1, -(-film.stat().st_size // part_size) + 1))
    send_parts(seller, code, film, part_size, numbers[:1])
    if stage == "between parts":
        lose_redis(site)
    send_parts(seller, code, film, part_size, numbers[1:])
    assert post(seller, f"/uploads/{code}/complete/").status_code == 200
    if stage == "before the check":
        lose_redis(site)
    if stage == "in the transcode":
        people.until(lambda: asset(seller, code)["percent"] >= 10, "it transcodes", seconds=60)
        lose_redis(site)
    until_ready(seller, code)
    expect_made_once(site, seller, code)


def lose_redis(site: Stack) -> None:
    """Kill it with whatever it had not written to disk, and bring it back."""
    site.kill("redis")
    (site.data / "redis" / "dump.rdb").unlink(missing_ok=True)
    time.sleep(2)
    site.start_process("redis")
