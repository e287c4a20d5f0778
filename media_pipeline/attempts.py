"""What the owner of a video may do about its transcoding: have it tried again, choose the poster."""

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError, IllegalMove
from media_pipeline.addresses import write_addresses
from media_pipeline.moves import Status, announce, lock_asset, move_asset
from media_pipeline.submissions import new_attempt
from media_pipeline.transcode_tasks import check_asset, submit_attempt


class SourceGone(DomainError):
    """The file as uploaded is kept for a while only; it has to be uploaded again."""

    code = "source_gone"


class NoSuchPoster(DomainError):
    """The video has no poster candidate of this number."""

    code = "no_such_poster"


@transaction.atomic
def try_again(asset_id: int) -> None:
    """Process a failed asset once more, from where it failed. Raises IllegalMove unless it failed, SourceGone."""
    asset = lock_asset(asset_id)
    if asset.status != Status.FAILED:
        raise IllegalMove(asset.status, Status.CHECKING)
    if not asset.source_key:
        raise SourceGone(_("원본 파일을 지웠어요. 파일을 다시 올려 주세요."))
    if asset.source:
        attempt = new_attempt(asset)
        move_asset(asset_id, Status.TRANSCODING, attempt=attempt)
        transaction.on_commit(lambda: submit_attempt.delay(str(attempt.pk)), robust=True)
    else:
        move_asset(asset_id, Status.CHECKING, check_tries=0)
        transaction.on_commit(lambda: check_asset.delay(asset_id), robust=True)


@transaction.atomic
def choose_poster(asset_id: int, number: int) -> None:
    """Let a candidate (from 0) stand for a ready video. Raises IllegalMove, NoSuchPoster."""
    asset = lock_asset(asset_id)
    if asset.status != Status.READY or not asset.is_video:
        raise IllegalMove(asset.status, Status.READY)
    if not 0 <= number < asset.poster_count:
        raise NoSuchPoster(_("이 영상에 없는 장면이에요."))
    asset.poster_number = number
    write_addresses(asset)
    announce(asset)
    asset.save()
