"""Every write to clips."""

from django.db import transaction
from django.utils.translation import gettext as _

from broadcasts.clips import tasks
from broadcasts.clips.models import Clip
from broadcasts.models import Broadcast, Recording
from broadcasts.moves import lock_broadcast
from common.errors import DomainError

SHORTEST_MS, LONGEST_MS = 10_000, 120_000
MOST = 30
"""Of one show."""


class BadLength(DomainError):
    """A clip is 10 to 120 seconds long and lies within the recording."""

    code = "bad_length"


class TooManyClips(DomainError):
    """The show has as many clips as it may have."""

    code = "too_many_clips"


@transaction.atomic
def make_clip(broadcast: Broadcast, recording: Recording, *, from_ms: int, to_ms: int, title: str) -> Clip:
    """Ask for a clip of a recording that plays, from one position (ms) to another; a task then cuts it.

    The same again, unless it failed, is the same clip. Raises BadLength, TooManyClips.
    """
    if not SHORTEST_MS <= to_ms - from_ms <= LONGEST_MS:
        raise BadLength(_("클립은 10초부터 120초까지 만들 수 있어요."))
    if to_ms > recording.duration_ms:
        raise BadLength(_("다시보기가 끝난 뒤는 자를 수 없어요."))
    lock_broadcast(broadcast.pk)
    clips = Clip.objects.filter(broadcast=broadcast)
    same = clips.filter(recording=recording, asked_from_ms=from_ms, asked_to_ms=to_ms)
    if known := same.exclude(status=Clip.Status.FAILED).first():
        return known
    if clips.count() >= MOST:
        raise TooManyClips(
            _("클립은 한 방송에 %(most)s개까지 만들 수 있어요. 쓰지 않는 클립을 지워 주세요.")
            % {"most": MOST}
        )
    clip = Clip.objects.create(
        broadcast=broadcast, recording=recording, title=title, asked_from_ms=from_ms, asked_to_ms=to_ms
    )
    transaction.on_commit(lambda: tasks.cut_clip.delay(clip.pk), robust=True)
    return clip


@transaction.atomic
def delete_clip(clip: Clip) -> None:
    """Delete a clip; a task then deletes its files, or later the sweep. Repeating it is harmless."""
    # Read once more under a lock: it may have got its files since the page was made.
    locked = Clip.objects.select_for_update().filter(pk=clip.pk).first()
    if locked is None:
        return
    keys = [key for key in (locked.storage_key, locked.poster_key) if key]
    locked.delete()
    if keys:
        transaction.on_commit(lambda: tasks.delete_clip_files.delay(keys), robust=True)
