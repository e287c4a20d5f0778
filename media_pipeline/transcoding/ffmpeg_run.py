"""A run of the built-in transcoder: claim, first rendition, ladder, check, publish, report."""

import errno
import logging
import time
from pathlib import Path

import imageio_ffmpeg
from celery.exceptions import SoftTimeLimitExceeded

from common.errors import ProviderError
from media_pipeline.transcoding import ffmpeg_books as books
from media_pipeline.transcoding.ffmpeg_books import ClaimLost, Run
from media_pipeline.transcoding.ffmpeg_command import ladder_command, remux_command
from media_pipeline.transcoding.ffmpeg_output import (
    check_playlists,
    complete_pictures,
    is_published,
    publish,
    require_space,
    unpublish,
    work_folder,
)
from media_pipeline.transcoding.ffmpeg_process import FfmpegFailed, run_ffmpeg
from media_pipeline.uploading import uploads

logger = logging.getLogger(__name__)

TELL_SECONDS = 2
RENEW_SECONDS = 5
FULL = (errno.ENOSPC, errno.EDQUOT)


def run(token: str) -> None:
    """Do a job unless it has ended or somebody does it. Harmless when repeated, at once or later.

    A fault that is not the film's own is raised, and the job is left for another run.
    """
    mine = books.claim(token)
    if mine is None:
        return
    try:
        _run(mine)
    except ClaimLost:
        logger.info("transcode taken away", extra={"attempt": token})
    except FfmpegFailed as failure:
        _end_badly(mine, failure.code, failure.text)
    except SoftTimeLimitExceeded:
        _end_badly(mine, "too_slow", "the time limit of a run is over")
    except BaseException as error:
        if isinstance(error, OSError) and error.errno in FULL:
            _end_badly(mine, "disk_full", "no space left")
            return
        books.release(mine)
        raise


def _end_badly(mine: Run, code: str, message: str) -> None:
    logger.error("transcode failed", extra={"attempt": str(mine.token), "code": code, "text": message})
    try:
        books.report_error(mine, code, message)
    except ClaimLost:
        return  # somebody else's word counts now


def _run(mine: Run) -> None:
    request = mine.request
    if not is_published(request.video_folder):  # else an earlier run died between its last two steps
        source = Path(_source_path(request.source_key))
        with work_folder(mine.token, mine.number) as folder:
            require_space(source)
            if request.playable_as_is:
                _offer_first(mine, source, folder)
            _make_ladder(mine, source, folder)
    books.report_complete(mine)


def _source_path(key: str) -> str:
    address = uploads().source_address(key)
    if "://" in address:
        raise ProviderError("the built-in transcoder reads uploads from a file system only")
    return address


def _offer_first(mine: Run, source: Path, folder: Path) -> None:
    """Let the film play as it is while the ladder is made. A source that does not lend itself to it plays later."""
    key = f"{mine.request.video_folder}.first"
    video = _folder(folder / "first")
    try:
        run_ffmpeg(
            remux_command(imageio_ffmpeg.get_ffmpeg_exe(), source, mine.request, video),
            on_progress=_Renewal(mine),
        )
        check_playlists(video, ["source", *_sound(mine)], mine.request.duration_ms)
    except FfmpegFailed as failure:
        logger.warning("no first rendition", extra={"attempt": str(mine.token), "text": str(failure)})
        return
    publish(video, key)
    books.report_first(mine)


def _make_ladder(mine: Run, source: Path, folder: Path) -> None:
    request = mine.request
    video, preview = _folder(folder / "video"), _folder(folder / "preview")
    command = ladder_command(imageio_ffmpeg.get_ffmpeg_exe(), source, request, video, preview)
    run_ffmpeg(command, on_progress=_Progress(mine))
    check_playlists(
        video, [*(rendition.name for rendition in request.ladder), *_sound(mine)], request.duration_ms
    )
    complete_pictures(preview, request)
    books.renew(mine)
    if not is_published(request.video_folder):
        unpublish(request.preview_folder)  # of a run that died before it was announced
    publish(preview, request.preview_folder)
    books.renew(mine)  # hundreds of files may take a slow disk a while
    publish(video, request.video_folder)  # last: it is the mark that all is there


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _sound(mine: Run) -> list[str]:
    return ["sound"] if mine.request.has_audio else []


class _Renewal:
    """Renews the claim while ffmpeg works. Raises ClaimLost."""

    def __init__(self, mine: Run) -> None:
        self.mine = mine
        self.renewed_at = time.monotonic()

    def __call__(self, done_ms: int) -> None:
        if time.monotonic() - self.renewed_at >= RENEW_SECONDS:
            books.renew(self.mine)
            self.renewed_at = time.monotonic()


class _Progress(_Renewal):
    """Tells how far it is, at most each TELL_SECONDS."""

    percent = 0

    def __call__(self, done_ms: int) -> None:
        percent = min(99, done_ms * 100 // max(1, self.mine.request.duration_ms))
        if percent > self.percent and time.monotonic() - self.renewed_at >= TELL_SECONDS:
            books.report_progress(self.mine, percent)
            self.percent, self.renewed_at = percent, time.monotonic()
        else:
            super().__call__(done_ms)
