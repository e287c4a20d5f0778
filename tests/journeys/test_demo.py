"""The first thing anybody sees: the demo, on air through the real ingest, also after its encoder was killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from demo.shows import ON_AIR, UPCOMING
from devtools.stack import Stack
from tests.journeys.conftest import PHONE, NewStack

pytestmark = pytest.mark.browser


@pytest.fixture
def demo_site(new_stack: NewStack) -> Iterator[Stack]:
    """A site of its own, with the demo running as `./dev run` starts it."""
    with new_stack() as site:
        site.manage("seed_demo")
        site.start_process("demo")
        yield site


def _streams(site: Stack) -> list[dict[str, Any]]:
    secret = site.environment["INGEST_CONTROL_SECRET"]
    answer = httpx.get(
        f"{site.origin_url}/control/streams", headers={"Authorization": f"Bearer {secret}"}, timeout=10
    )
    return answer.json()["streams"]


def _wait(happened: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"nothing happened for {seconds} s"
        time.sleep(0.2)


def _encoders(site: Stack) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(site.pid("demo")), "-f", "stream_loop"], capture_output=True, text=True
    )
    return [int(pid) for pid in found.stdout.split()]


def test_the_demo_is_on_air(demo_site: Stack, chromium: Browser) -> None:
    _wait(lambda: bool(_streams(demo_site)), 90)
    page = chromium.new_page(viewport=PHONE, base_url=demo_site.site_url, locale="ko-KR")
    page.set_default_timeout(30_000)
    _wait(lambda: page.goto("/") is not None and page.get_by_text("LIVE", exact=True).count() > 0, 30)
    for show in UPCOMING:
        expect(page.get_by_text(show.title).first).to_be_attached()
    page.get_by_text(ON_AIR.title).first.click()
    expect(page.get_by_text("보여 드릴게요").first).to_be_attached()
    page.wait_for_function("() => document.querySelector('video').currentTime > 2")
    assert page.evaluate("() => document.querySelector('video').videoHeight") == 1280

    before = {stream["stream_id"] for stream in _streams(demo_site)}
    for pid in _encoders(demo_site):
        os.kill(pid, signal.SIGKILL)
    _wait(lambda: any(stream["stream_id"] not in before for stream in _streams(demo_site)), 30)

    encoders = _encoders(demo_site)
    assert encoders
    demo_site.stop()
    assert not any(os.path.exists(f"/proc/{pid}") for pid in encoders), "no ffmpeg is left behind"
