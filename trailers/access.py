"""The only ways from a request to a trailer or a comment: each says who may."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from trailers.models import Comment, Reminder, Trailer


def get_trailer_to_view(user: User | AnonymousUser, code: str) -> Trailer:
    """Return a trailer whose video plays, for anybody, or the seller's own in any state; 404 otherwise."""
    trailer = Trailer.objects.for_cards().filter(code=code).first()
    if trailer is None or not (trailer.video.playback_url or trailer.seller_id == user.pk):
        raise Http404
    return trailer


def get_own_trailer(user: User, code: str) -> Trailer:
    """Return the seller's own trailer: 404 for one that is not public, 403 for other people's."""
    trailer = get_trailer_to_view(user, code)
    if trailer.seller_id != user.pk:
        raise PermissionDenied
    return trailer


def get_comment(user: User | AnonymousUser, code: str) -> Comment:
    """Return a comment that is shown, of a trailer the reader may see; 404 otherwise."""
    comment = Comment.objects.shown().select_related("trailer__video").filter(code=code).first()
    if comment is None:
        raise Http404
    trailer = comment.trailer
    if not (trailer.video.playback_url or trailer.seller_id == user.pk):
        raise Http404
    return comment


def get_own_comment(user: User, code: str) -> Comment:
    """Return the author's own comment; 403 for everybody else."""
    comment = get_comment(user, code)
    if comment.author_id != user.pk:
        raise PermissionDenied
    return comment


def get_comment_to_delete(user: User, code: str) -> Comment:
    """Return a comment for its author, the trailer's seller or staff; 403 for everybody else."""
    comment = get_comment(user, code)
    if not may_delete(user, comment):
        raise PermissionDenied
    return comment


def may_delete(user: User | AnonymousUser, comment: Comment) -> bool:
    """Whether this person may take the comment off the page."""
    return user.is_authenticated and (
        user.pk in (comment.author_id, comment.trailer.seller_id) or user.is_staff
    )


def get_reminder_by_token(token: str) -> Reminder:
    """Return the reminder of a link in one of its mails, whoever follows it."""
    reminder = Reminder.objects.select_related("trailer", "member").filter(token=token).first()
    if reminder is None:
        raise Http404
    return reminder
