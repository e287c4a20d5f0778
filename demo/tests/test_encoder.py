import time
from pathlib import Path

import pytest

from demo import encoder, film
from demo.encoder import Encoder
from demo.goods import BEAR

KEY = "live_a-secret-that-nobody-may-read"


@pytest.fixture
def short_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(film, "_SCENE_FRAMES", 12)
    return film.prepare_film(tmp_path, "test", [BEAR])


def _wait_for_end(publisher: Encoder) -> None:
    process = publisher._process
    assert process is not None
    process.wait(20)


def test_it_tries_again_ever_more_seldom_and_keeps_the_key_to_itself(
    short_film: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1000.0
    monkeypatch.setattr(encoder.time, "monotonic", lambda: now)
    publisher = Encoder(film=short_film, server_url="rtmp://127.0.0.1:1/live", stream_key=KEY)
    assert KEY not in repr(publisher)
    for pause in (2, 4, 8, 15, 15):
        publisher.keep_running()
        _wait_for_end(publisher)
        publisher.keep_running()
        now += pause - 0.1
        publisher.keep_running()
        assert publisher._process is None, f"it waits {pause} seconds"
        now += 0.2
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 5
    assert all("refused" in line for line in told)
    assert not any(KEY in line for line in told)


def test_it_loops_without_end_and_stops_at_once(short_film: Path, tmp_path: Path) -> None:
    publisher = Encoder(film=short_film, server_url=str(tmp_path), stream_key="stream.flv")
    stream, stopped_after = tmp_path / "stream.flv", 0.0
    publisher.keep_running()
    try:
        process = publisher._process
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (stream.exists() and stream.stat().st_size > 300_000):
            time.sleep(0.1)
        assert process is not None
        assert process.poll() is None, "it goes on longer than the film of 0.4 seconds"
    finally:
        started = time.monotonic()
        publisher.stop()
        stopped_after = time.monotonic() - started
    assert stopped_after < 4
    assert process.poll() is not None
    publisher.stop()
