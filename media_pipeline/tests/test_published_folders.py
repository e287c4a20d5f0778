"""Folders of the built-in transcoder: how they come, and when they go."""

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from media_pipeline.models import TranscodeAttempt
from media_pipeline.transcoding import ffmpeg_cleaning, ffmpeg_output
from tests.makers import make_asset, make_member

Status = TranscodeAttempt.Status


def published(folders, asset, attempt_id):
    """Return the folders of an attempt, with a file in each."""
    made = [folders / kind / asset.code / str(attempt_id) for kind in ("videos", "previews")]
    for folder in made:
        folder.mkdir(parents=True)
        (folder / "file").touch()
    return made


def test_all_is_on_the_disk_before_it_appears_and_its_name_after(folders, monkeypatch):
    work = folders / ".work"
    (work / "video" / "720p").mkdir(parents=True)
    for name in ("master.m3u8", "720p/index.m3u8", "720p/0.m4s"):
        (work / "video" / name).write_text(name)
    done = []
    fsync, rename = os.fsync, os.rename

    def noted(descriptor):
        done.append(str(Path(os.readlink(f"/proc/self/fd/{descriptor}")).relative_to(folders)))
        fsync(descriptor)

    def named(before, after):
        done.append("rename")
        rename(before, after)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "rename", named)
    ffmpeg_output.publish(work / "video", "videos/code/attempt")
    before, after = done[: done.index("rename")], done[done.index("rename") + 1 :]
    assert sorted(before) == [
        ".work/video",
        ".work/video/720p",
        ".work/video/720p/0.m4s",
        ".work/video/720p/index.m3u8",
        ".work/video/master.m3u8",
    ]
    assert after == ["videos/code", "videos"]
    assert (folders / "videos/code/attempt/720p/0.m4s").read_text() == "720p/0.m4s"


def test_what_is_published_already_stays(folders):
    for name in ("first", "second"):
        (folders / ".work" / name).mkdir(parents=True)
        (folders / ".work" / name / "file").write_text(name)
        ffmpeg_output.publish(folders / ".work" / name, "videos/code/attempt")
    assert (folders / "videos/code/attempt/file").read_text() == "first"


@pytest.mark.django_db
def test_what_failed_or_cancelled_attempts_made_goes_after_an_hour(folders):
    asset = make_asset(make_member())
    attempts = {status: TranscodeAttempt.objects.create(asset=asset, status=status) for status in Status}
    recent = TranscodeAttempt.objects.create(asset=asset, status=Status.ERROR)
    old = timezone.now() - timedelta(minutes=61)
    TranscodeAttempt.objects.exclude(pk=recent.pk).update(heard_at=old)
    made = {status: published(folders, asset, attempt.pk) for status, attempt in attempts.items()}
    kept = [*published(folders, asset, recent.pk), *published(folders, asset, uuid.uuid4())]
    kept += published(folders, asset, "first-attempt")
    assert ffmpeg_cleaning.delete_leftovers() == 4
    for status, pair in made.items():
        assert [folder.exists() for folder in pair] == [status not in (Status.ERROR, Status.CANCELED)] * 2
    assert all(folder.exists() for folder in kept)


@pytest.mark.django_db
def test_a_great_many_go_in_several_runs(folders, monkeypatch):
    monkeypatch.setattr(ffmpeg_cleaning, "ASKED_AT_ONCE", 2)
    monkeypatch.setattr(ffmpeg_cleaning, "DELETED_AT_ONCE", 4)
    asset = make_asset(make_member())
    for _ in range(3):
        published(folders, asset, TranscodeAttempt.objects.create(asset=asset, status=Status.CANCELED).pk)
    TranscodeAttempt.objects.update(heard_at=timezone.now() - timedelta(hours=2))
    assert [ffmpeg_cleaning.delete_leftovers() for _ in range(3)] == [4, 2, 0]
