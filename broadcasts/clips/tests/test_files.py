"""Files that no clip has go, whatever died: the worker that stored them, the broker, or the show itself."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from broadcasts.clips import actions, files, making
from broadcasts.clips.cutting import Cut
from broadcasts.clips.models import Clip, LooseFile
from broadcasts.clips.periodic import look_after_clips
from broadcasts.tests.shows import record
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def quick_scissors(monkeypatch):
    """What is cut is of no matter here: some bytes do."""

    def cut(read, *, from_ms, to_ms, folder):
        film, poster = folder / "clip.mp4", folder / "poster.jpg"
        film.write_bytes(b"film")
        poster.write_bytes(b"poster")
        return Cut(film=film, poster=poster, start_ms=from_ms, duration_ms=10_000, width=160, height=90)

    monkeypatch.setattr(making, "cut", cut)


def cut_and_die(clip, monkeypatch):
    """Let the worker be killed after it stored the film."""
    keep = making._keep

    def keep_one(file, key):
        if key.endswith(".jpg"):
            raise SystemExit
        keep(file, key)

    with monkeypatch.context() as patched:
        patched.setattr(making, "_keep", keep_one)
        with pytest.raises(SystemExit):
            making.cut_clip(clip.pk)


@pytest.fixture
def show():
    show = make_broadcast(make_member(), status="live", started_at=timezone.now())
    record(show)
    return show


@pytest.fixture
def waiting(show):
    return actions.make_clip(show, show.recordings.get(), from_ms=0, to_ms=10_000, title="클립")


@pytest.fixture
def clip(waiting):
    """A clip with its two files."""
    making.cut_clip(waiting.pk)
    waiting.refresh_from_db()
    return waiting


def stored():
    return sorted(default_storage.listdir(files.FOLDER)[1]) if default_storage.exists(files.FOLDER) else []


def let_time_pass():
    LooseFile.objects.update(delete_after=timezone.now() - timedelta(seconds=1))


def test_a_clip_that_is_ready_keeps_its_files(clip):
    assert not LooseFile.objects.exists()
    look_after_clips()
    assert len(stored()) == 2


def test_what_a_dead_worker_left_goes_after_an_hour(waiting, monkeypatch):
    cut_and_die(waiting, monkeypatch)
    assert len(stored()) == 1
    assert files.delete_loose_files() == 0  # it may still be at work
    assert len(stored()) == 1
    soonest = LooseFile.objects.earliest("delete_after").delete_after - timezone.now()
    assert soonest > timedelta(minutes=55)
    let_time_pass()
    assert files.delete_loose_files() == 2
    assert (stored(), LooseFile.objects.count()) == ([], 0)


def test_a_clip_that_nobody_finished_may_be_asked_for_again(waiting, show, monkeypatch):
    cut_and_die(waiting, monkeypatch)
    look_after_clips()
    waiting.refresh_from_db()
    assert waiting.status == "waiting"
    Clip.objects.update(created_at=timezone.now() - files.MAKING - timedelta(seconds=1))
    look_after_clips()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.problem) == ("failed", "nobody finished it within an hour")
    again = actions.make_clip(show, show.recordings.get(), from_ms=0, to_ms=10_000, title="클립")
    assert again != waiting


def test_another_try_is_left_alone_by_that(waiting, monkeypatch):
    cut_and_die(waiting, monkeypatch)
    making.cut_clip(waiting.pk)
    let_time_pass()
    files.delete_loose_files()
    waiting.refresh_from_db()
    assert waiting.status == "ready"
    assert stored() == sorted(key.rsplit("/", 1)[1] for key in [waiting.storage_key, waiting.poster_key])


def test_a_deleted_show_takes_the_files_of_its_clips_along(clip, show):
    show.recordings.all().delete()
    show.delete()
    assert not Clip.objects.exists()
    assert len(stored()) == 2
    assert files.delete_loose_files() == 2
    assert stored() == []


def test_a_deleted_clip_needs_no_broker(clip):
    actions.delete_clip(clip)  # the task is queued after the commit, which never comes here
    look_after_clips()
    assert stored() == []


def test_files_that_came_since_the_page_was_made_go_too(waiting):
    making.cut_clip(waiting.pk)
    assert waiting.storage_key == ""  # as the page still has it
    actions.delete_clip(waiting)
    actions.delete_clip(waiting)
    look_after_clips()
    assert stored() == []


def test_one_that_cannot_be_deleted_keeps_none_from_it(clip, monkeypatch):
    stuck, other = clip.storage_key, clip.poster_key
    delete = default_storage.delete

    def refuse_one(key):
        if key == stuck:
            raise OSError("away")
        delete(key)

    clip.delete()
    with monkeypatch.context() as away:
        away.setattr(default_storage, "delete", refuse_one)
        assert files.delete_loose_files() == 1
    assert not default_storage.exists(other)
    assert LooseFile.objects.get().key == stuck
    let_time_pass()
    assert files.delete_loose_files() == 1
    assert stored() == []


def test_many_go_some_at_a_time(monkeypatch):
    monkeypatch.setattr(files, "MOST", 2)
    files.note_loose([f"{files.FOLDER}/{number}.mp4" for number in range(3)])
    assert [files.delete_loose_files() for _ in range(3)] == [2, 1, 0]
