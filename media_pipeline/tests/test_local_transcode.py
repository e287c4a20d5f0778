"""The whole way of a film through the built-in transcoder, with a real ffmpeg and real files."""

import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import av
import imageio_ffmpeg
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.utils import timezone

from media_pipeline.attempts import try_again
from media_pipeline.models import Asset, LocalTranscodeJob, ProviderEvent, TranscodeAttempt
from media_pipeline.moves import move_asset
from media_pipeline.probing.looking import HDR_TRANSFERS
from media_pipeline.tests.processing import received
from media_pipeline.transcode_sweeps import local_tokens_to_queue
from media_pipeline.transcode_tasks import ask_about_transcodes, check_asset, run_local_transcode
from media_pipeline.transcoding import (
    ffmpeg_books,
    ffmpeg_cleaning,
    ffmpeg_output,
    ffmpeg_process,
    ffmpeg_run,
)
from media_pipeline.transcoding.ffmpeg_process import FfmpegFailed
from tests import films
from tests.makers import make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def submitted(folders, film, queue):
    """An asset whose job waits to be run."""
    asset = received(make_member(), film)
    check_asset(asset.pk)
    queue.run(until="run_local_transcode")
    asset.refresh_from_db()
    return asset


def token(asset):
    return str(Asset.objects.get(pk=asset.pk).attempt_id)


def status(asset):
    return Asset.objects.values_list("status", "problem").get(pk=asset.pk)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def keyframes(playlist):
    with av.open(str(playlist)) as container:
        packets = container.demux(container.streams.video[0])
        return [round(float(packet.pts * packet.time_base), 3) for packet in packets if packet.is_keyframe]


def test_a_film_becomes_ready_to_play(submitted, folders, queue):
    queue.run()
    asset = Asset.objects.select_related("attempt").get(pk=submitted.pk)
    folder = f"{asset.code}/{asset.attempt_id}"
    assert (asset.status, asset.attempt.status, asset.attempt.percent) == ("ready", "complete", 100)
    assert asset.attempt.job_id == f"local-{asset.attempt_id}"
    assert (asset.storage_bucket, asset.storage_key) == ("local", f"videos/{folder}/master.m3u8")
    assert asset.playback_url == f"/media/videos/{folder}/master.m3u8"
    assert asset.clip_url == f"/media/previews/{folder}/hover.mp4"
    assert asset.poster_url == f"/media/previews/{folder}/poster.0000001.jpg"
    assert (asset.poster_count, asset.storyboard_count, asset.storyboard_interval_ms) == (5, 2, 2000)
    assert files(folders / "previews" / folder) == [
        "hover.mp4",
        *(f"poster.000000{n}.jpg" for n in range(5)),
        *(f"story.000000{n}.jpg" for n in range(2)),
    ]
    master = (folders / asset.storage_key).read_text()
    assert "360p/index.m3u8" in master
    assert "TYPE=AUDIO" in master
    assert ProviderEvent.objects.exclude(status="applied").count() == 0
    assert not list((folders / ".work").iterdir())


def test_it_plays_as_it_is_while_the_ladder_is_made(submitted, folders, queue, monkeypatch):
    seen = []
    make_ladder = ffmpeg_run._make_ladder

    def look_first(*args):
        while queue.names == ["apply_waiting_events"]:
            task, given = queue.waiting.popleft()
            task(*given)
        seen.append(Asset.objects.get(pk=submitted.pk))
        make_ladder(*args)

    monkeypatch.setattr(ffmpeg_run, "_make_ladder", look_first)
    queue.run()
    (early,) = seen
    assert early.status == "transcoding"
    assert early.storage_key == f"videos/{early.code}/{early.attempt_id}.first/master.m3u8"
    assert early.playback_url == f"/media/{early.storage_key}"
    with av.open(str(folders / early.storage_key)) as container:
        assert sum(packet.size > 0 for packet in container.demux(container.streams.video[0])) == 120
    assert status(submitted) == ("ready", "")


def test_the_first_rendition_goes_an_hour_after_the_ladder_came(submitted, folders, queue):
    queue.run()
    first = folders / f"videos/{submitted.code}/{submitted.attempt_id}.first"
    assert ffmpeg_cleaning.delete_leftovers() == 0
    assert first.is_dir()
    TranscodeAttempt.objects.update(heard_at=timezone.now() - timedelta(minutes=61))
    assert ffmpeg_cleaning.delete_leftovers() == 1
    assert not first.exists()
    assert (folders / Asset.objects.get().storage_key).exists()


def test_renditions_change_at_the_same_instants_and_a_turned_film_stands_upright(folders, queue, tmp_path):
    asset = received(make_member(), films.portrait(tmp_path / "portrait.mp4"))
    check_asset(asset.pk)
    queue.run()
    asset.refresh_from_db()
    folder = (folders / asset.storage_key).parent
    instants = {name: keyframes(folder / name / "index.m3u8") for name in ("720p", "480p", "360p")}
    assert instants["720p"] == instants["480p"] == instants["360p"]
    assert max(b - a for a, b in zip(instants["720p"], instants["720p"][1:], strict=False)) == pytest.approx(
        2, abs=0.05
    )
    with av.open(str(folder / "480p/index.m3u8")) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height, frame.rotation, frame.format.name) == (480, 854, 0, "yuv420p")
        # The red mark was drawn into the upper left corner of the lying picture, which is then turned left.
        red, green, _ = frame.to_image().getpixel((20, 834))
        assert red > 150
        assert green < 90
    assert not (folders / f"videos/{asset.code}/{asset.attempt_id}.first").exists()


def hdr(path):
    """Two seconds of HLG, ten bits a sample, as telephones record it."""
    colours = "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-t", "2", "-i"]
    command += [
        "testsrc2=s=640x360:r=30",
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p10le",
    ]
    subprocess.run([*command, "-x265-params", colours, str(path)], check=True, timeout=60)
    return path


@pytest.mark.parametrize("kind", [films.silent, films.ten_bit, films.variable_rate, hdr])
def test_unusual_films_become_ordinary_ones(kind, folders, queue, tmp_path):
    asset = received(make_member(), kind(tmp_path / "film.mp4"))
    check_asset(asset.pk)
    queue.run()
    asset.refresh_from_db()
    assert asset.status == "ready"
    folder = (folders / asset.storage_key).parent
    assert (folder / "sound").exists() == (kind not in (films.silent, hdr))
    with av.open(str(folder / "360p/index.m3u8")) as container:
        frames = list(container.decode(video=0))
    assert {frame.format.name for frame in frames} == {"yuv420p"}
    assert not {int(frame.color_trc) for frame in frames} & set(HDR_TRANSFERS)
    distances = {
        round(float((b.pts - a.pts) * a.time_base), 2) for a, b in zip(frames, frames[1:], strict=False)
    }
    assert distances == {0.03}


def test_no_places_or_dates_of_the_film_are_passed_on(folders, queue, film, tmp_path):
    tagged = tmp_path / "tagged.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-c", "copy"]
    command += ["-metadata", "comment=37.5665,126.9780", "-metadata", "title=우리집", str(tagged)]
    subprocess.run(command, check=True, timeout=30)
    asset = received(make_member(), tagged)
    check_asset(asset.pk)
    queue.run()
    published = b"".join(path.read_bytes() for path in folders.rglob("*") if path.is_file())
    assert b"37.5665" in tagged.read_bytes()
    assert b"37.5665" not in published
    assert "우리집".encode() not in published


def test_submitting_twice_is_one_job_and_running_twice_one_run(submitted, queue):
    queue.run(until="nothing")
    done = ProviderEvent.objects.count()
    run_local_transcode(token(submitted))
    job = LocalTranscodeJob.objects.get()
    assert (job.status, job.runs, ProviderEvent.objects.count()) == ("COMPLETE", 1, done)


def test_a_job_that_is_being_run_is_not_run_again_until_its_claim_runs_out(submitted):
    assert ffmpeg_books.claim(token(submitted))
    assert ffmpeg_books.claim(token(submitted)) is None
    LocalTranscodeJob.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert ffmpeg_books.claim(token(submitted)).number == 2


def test_a_dead_workers_job_is_queued_again_and_ends_after_three_runs(submitted, queue):
    queue.waiting.clear()
    for number in range(1, 4):
        assert ffmpeg_books.claim(token(submitted)).number == number
        assert local_tokens_to_queue() == []  # the claim holds
        LocalTranscodeJob.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        if number < ffmpeg_books.MAX_RUNS:
            assert local_tokens_to_queue() == [token(submitted)]
            assert local_tokens_to_queue() == []  # it waits in the queue
    ask_about_transcodes()
    queue.run()
    job = LocalTranscodeJob.objects.get()
    assert (job.status, job.error_code, job.runs) == ("ERROR", "worker_lost", 3)
    assert status(submitted) == ("failed", "transcode_failed")
    assert TranscodeAttempt.objects.get().error_code == "worker_lost"


def test_a_run_that_died_before_its_last_step_is_finished_without_making_all_anew(
    submitted, folders, queue, monkeypatch
):
    monkeypatch.setattr(ffmpeg_books, "report_complete", lambda run: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        queue.run()
    monkeypatch.undo()
    video = folders / f"videos/{submitted.code}/{submitted.attempt_id}"
    before = {path: path.stat().st_mtime_ns for path in video.rglob("*")}
    assert before
    run_local_transcode(token(submitted))
    assert {path: path.stat().st_mtime_ns for path in video.rglob("*")} == before
    job = LocalTranscodeJob.objects.get()
    assert (job.status, job.runs) == ("COMPLETE", 2)


def test_a_cancelled_film_stops_ffmpeg(submitted, queue, folders, monkeypatch):
    monkeypatch.setattr(ffmpeg_run, "RENEW_SECONDS", 0)
    begun = []

    def cancel_first(self, done_ms, real=ffmpeg_run._Progress.__call__):
        if not begun:
            begun.append(done_ms)
            move_asset(submitted.pk, Asset.Status.CANCELLED)
            ask_about_transcodes()
        real(self, done_ms)

    monkeypatch.setattr(ffmpeg_run._Progress, "__call__", cancel_first)
    queue.run()
    assert begun
    assert LocalTranscodeJob.objects.get().status == "CANCELED"
    assert TranscodeAttempt.objects.get().status == "canceled"
    assert status(submitted) == ("cancelled", "")
    assert not (folders / f"videos/{submitted.code}/{submitted.attempt_id}").exists()
    assert not list((folders / ".work").iterdir())


def test_a_full_disk_is_told_and_can_be_tried_again(submitted, queue, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(ffmpeg_output, "SPARE_BYTES", 1 << 60)
        queue.run()
    assert status(submitted) == ("failed", "storage_failed")
    assert TranscodeAttempt.objects.get().error_code == "disk_full"
    try_again(submitted.pk)
    queue.run()
    assert status(submitted) == ("ready", "")
    assert TranscodeAttempt.objects.count() == 2
    assert str(Asset.objects.get().attempt_id) in Asset.objects.get().storage_key


def test_a_source_that_went_missing_ends_the_job(submitted, queue, settings):
    (settings.UPLOADS_ROOT / submitted.source_key).unlink()
    queue.run()
    assert status(submitted) == ("failed", "transcode_failed")
    assert TranscodeAttempt.objects.get().error_code == "source_missing"


def test_what_ffmpeg_says_no_to_is_kept_for_staff_without_our_paths(submitted, queue, settings):
    source = settings.UPLOADS_ROOT / submitted.source_key
    source.write_bytes(b"not a film any more" * 1000)
    queue.run()
    attempt = TranscodeAttempt.objects.get()
    assert (attempt.status, attempt.error_code) == ("error", "ffmpeg_failed")
    assert "Invalid" in attempt.error_message
    assert str(settings.UPLOADS_ROOT) not in attempt.error_message
    assert status(submitted) == ("failed", "transcode_failed")


def test_an_output_shorter_than_declared_is_no_success(submitted, queue):
    job = LocalTranscodeJob.objects.get()
    job.request["duration_ms"] = 20_000
    job.save()
    queue.run()
    assert status(submitted) == ("failed", "transcode_failed")
    assert TranscodeAttempt.objects.get().error_code == "incomplete"


def test_a_fault_of_ours_leaves_the_job_for_another_run(submitted, queue, monkeypatch):
    def broken(*args):
        raise RuntimeError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(ffmpeg_run, "_make_ladder", broken)
        with pytest.raises(RuntimeError):
            queue.run()
    assert ffmpeg_books.abandoned() == [(token(submitted), 1)]
    run_local_transcode(token(submitted))
    queue.run()
    assert status(submitted) == ("ready", "")


def test_progress_grows_and_is_told(submitted, queue, monkeypatch):
    monkeypatch.setattr(ffmpeg_run, "TELL_SECONDS", 0)
    queue.run()
    told = [
        event.envelope["detail"]["jobProgress"]["jobPercentComplete"]
        for event in ProviderEvent.objects.order_by("pk")
        if event.envelope["detail"]["status"] == "STATUS_UPDATE"
    ]
    assert told == sorted(told)
    assert max(told) > 20
    assert status(submitted) == ("ready", "")


def test_ffmpeg_that_makes_no_progress_is_ended(monkeypatch):
    monkeypatch.setattr(ffmpeg_process, "STALLED_SECONDS", 0.5)
    monkeypatch.setattr(ffmpeg_process, "LOOK_SECONDS", 0.1)
    with pytest.raises(FfmpegFailed) as failure:
        ffmpeg_process.run_ffmpeg(["/bin/sleep", "60"], on_progress=lambda done_ms: None)
    assert failure.value.code == "stalled"


@pytest.mark.parametrize(
    ("words", "code"),
    [("write_frame(): No space left on device", "disk_full"), ("Killed", "ffmpeg_failed")],
)
def test_why_ffmpeg_ended_is_read_from_its_last_words(words, code):
    with pytest.raises(FfmpegFailed) as failure:
        ffmpeg_process.run_ffmpeg(
            ["/bin/sh", "-c", f"echo '{words}' >&2; exit 1"], on_progress=lambda done_ms: None
        )
    assert (failure.value.code, failure.value.text) == (code, words)


def test_a_run_beyond_its_time_limit_has_failed(submitted, queue, monkeypatch):
    def endless(*args):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(ffmpeg_run, "_make_ladder", endless)
    queue.run()
    assert TranscodeAttempt.objects.get().error_code == "too_slow"
    assert status(submitted) == ("failed", "transcode_failed")


def test_ffmpeg_dies_with_its_worker(tmp_path):
    code = (
        "from media_pipeline.transcoding.ffmpeg_process import run_ffmpeg\n"
        f"run_ffmpeg(['/bin/sh', '-c', 'echo $$ > {tmp_path}/pid; exec sleep 60'], on_progress=print)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        worker.kill()
        worker.wait()
    process = Path("/proc", (tmp_path / "pid").read_text().strip())
    deadline = time.monotonic() + 5
    while process.exists() and "Z" not in process.joinpath("stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.postgres
def test_of_many_workers_one_runs_a_job(submitted):
    barrier, runs = threading.Barrier(8), []

    def work():
        barrier.wait()
        runs.append(ffmpeg_books.claim(token(submitted)))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(run is not None for run in runs) == 1
    assert LocalTranscodeJob.objects.get().runs == 1
