"""Every write to comments."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError
from trailers.models import Comment, Trailer, TrailerLog


class CommentsClosed(DomainError):
    """Nobody comments on what was called off."""

    code = "comments_closed"


def write_comment(trailer: Trailer, *, author: User, text: str, key: UUID) -> Comment:
    """Add a comment; a repeat of the same key returns the first one. Raises CommentsClosed."""
    if trailer.status == Trailer.Status.CANCELLED:
        raise CommentsClosed(_("취소된 예고에는 댓글을 쓸 수 없어요."))
    try:
        with transaction.atomic():
            return Comment.objects.create(trailer=trailer, author=author, text=text, key=key)
    except IntegrityError:
        return Comment.objects.get(author=author, key=key)


def edit_comment(comment: Comment, *, text: str) -> None:
    """Change what its author said. Without effect on one that was deleted meanwhile."""
    now = timezone.now()
    Comment.objects.filter(pk=comment.pk, deleted_at=None).exclude(text=text).update(text=text, edited_at=now)
    comment.refresh_from_db(fields=["text", "edited_at"])


@transaction.atomic
def delete_comment(comment: Comment, *, by: User, reason: str = "") -> None:
    """Take a comment off the page; who did it and why stays. Twice is once."""
    shown = Comment.objects.filter(pk=comment.pk, deleted_at=None)
    if shown.update(deleted_at=timezone.now(), deleted_by=by, deletion_reason=reason):
        details = {"comment": comment.code, "reason": reason}
        TrailerLog.objects.create(
            trailer_id=comment.trailer_id, type="comment.deleted", details=details, by=by
        )
