"""The demo's trailers: through the real pipeline, once, and never over for long."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from demo import announcements, clips, seed
from demo.announcements import ANNOUNCEMENTS, announce_trailers
from demo.goods import BEAR, LANTERN
from media_pipeline.models import Asset
from media_pipeline.probing.probe import probe_video
from media_pipeline.tests.processing import Queue
from tests import films
from trailers.models import Trailer

pytestmark = [pytest.mark.usefixtures("plain_pictures"), pytest.mark.django_db]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> Queue:
    """Files of this test alone, and what would go to the broker."""
    settings.MEDIA_ROOT, settings.UPLOADS_ROOT = tmp_path / "media", tmp_path / "uploads"
    settings.MEDIA_ROOT.mkdir()
    return Queue(monkeypatch)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the clips that were asked for; all are the same small film."""
    names: list[str] = []

    def prepare(folder: Path, name: str, items: object) -> Path:
        names.append(name)
        folder.mkdir(exist_ok=True)
        return films.landscape(folder / f"{name}.mp4", size="320x180", seconds=2)

    monkeypatch.setattr(announcements, "prepare_clip", prepare)
    return names


def test_they_become_public_by_the_workers_work(
    queue: Queue,
    drawn: list[str],
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager],
) -> None:
    seed.seed()
    with django_capture_on_commit_callbacks(execute=True):
        announce_trailers(tmp_path / "demo")
    assert not Trailer.objects.public().exists()
    assert set(Asset.objects.values_list("status", flat=True)) == {"checking"}
    while queue.waiting:
        with django_capture_on_commit_callbacks(execute=True):
            queue.run()
    assert set(Asset.objects.values_list("status", flat=True)) == {"ready"}
    titles = [trailer.title for trailer in Trailer.objects.coming(timezone.now())]
    assert sorted(titles) == sorted(announcement.title for announcement in ANNOUNCEMENTS)


def test_a_second_time_changes_nothing_until_they_are_past(
    queue: Queue, drawn: list[str], tmp_path: Path
) -> None:
    seed.seed()
    for _ in range(2):
        announce_trailers(tmp_path / "demo")
    assert len(drawn) == Trailer.objects.count() == len(ANNOUNCEMENTS)
    Trailer.objects.update(starts_at=timezone.now() - timedelta(days=3))
    announce_trailers(tmp_path / "demo")
    assert len(drawn) == Trailer.objects.count() == len(ANNOUNCEMENTS)
    assert Trailer.objects.filter(starts_at__gt=timezone.now()).count() == len(ANNOUNCEMENTS)


def test_what_somebody_started_or_cancelled_stays_so(queue: Queue, drawn: list[str], tmp_path: Path) -> None:
    seed.seed()
    announce_trailers(tmp_path / "demo")
    Trailer.objects.update(status="cancelled", starts_at=timezone.now() - timedelta(days=3))
    announce_trailers(tmp_path / "demo")
    assert set(Trailer.objects.values_list("status", flat=True)) == {"cancelled"}
    assert not Trailer.objects.filter(starts_at__gt=timezone.now()).exists()


def test_a_clip_is_a_portrait_with_sound_and_drawn_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(clips, "_STILL_SECONDS", 1.0)
    path = clips.prepare_clip(tmp_path, "clip", (BEAR, LANTERN))
    facts = probe_video(str(path))
    assert (facts.width, facts.height, facts.has_audio) == (clips.WIDTH, clips.HEIGHT, True)
    assert 1400 <= facts.duration_ms <= 1600
    monkeypatch.setattr(clips, "_draw", None)
    assert clips.prepare_clip(tmp_path, "clip", (BEAR, LANTERN)) == path
    assert not list(tmp_path.glob("*.draft"))
