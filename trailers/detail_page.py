"""The page of a trailer and the parts of it that are also served alone."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from access.granting import grant_playback, renew_after
from accounts.models import User
from trailers.access import may_delete
from trailers.forms import CommentForm
from trailers.models import Comment, Trailer
from trailers.reminders import count_reminders, wants_reminder

COMMENTS_PER_PAGE = 20


def render_detail(
    request: HttpRequest, trailer: Trailer, *, comment_form: CommentForm | None = None
) -> HttpResponse:
    """Return the page with leave to play its video; 422 with a comment that was not taken."""
    plays = may_play(trailer)
    context = {
        "trailer": trailer,
        "broadcast": trailer.broadcast,
        "is_owner": trailer.seller_id == request.user.pk,
        "renew_url": reverse("trailers:renew", args=[trailer.code]) if plays else "",
        "renew_after": renew_after(),
        **remind_context(request, trailer),
        **comments_context(request, trailer, comment_form=comment_form),
    }
    response = render(request, "trailers/detail.html", context, status=422 if comment_form else 200)
    if plays:
        grant_playback(response, video_folder(trailer))
    return response


def may_play(trailer: Trailer) -> bool:
    """Whether the video of a trailer that may be seen plays: not of one that was called off."""
    return bool(trailer.video.playback_url) and trailer.status in Trailer.PUBLIC


def video_folder(trailer: Trailer) -> str:
    """Everything a player of this trailer fetches lies under here."""
    return f"videos/{trailer.video.code}/"


def comments_context(
    request: HttpRequest, trailer: Trailer, *, comment_form: CommentForm | None = None
) -> dict[str, Any]:
    """What `_comments.html` shows: a page of comments, and the form to write one."""
    page = Paginator(trailer.comments.shown(), COMMENTS_PER_PAGE).get_page(request.GET.get("page"))
    for comment in page:
        comment.trailer = trailer  # or asking who may delete it would fetch the trailer for each
        note_rights(comment, request.user)
    return {
        "trailer": trailer,
        "comments_page": page,
        "comment_form": comment_form or CommentForm(),
    }


def note_rights(comment: Comment, reader: User | AnonymousUser) -> None:
    """Write on the comment what this reader may do with it."""
    comment.is_own = reader.is_authenticated and comment.author_id == reader.pk
    comment.is_deletable = may_delete(reader, comment)


def remind_context(request: HttpRequest, trailer: Trailer) -> dict[str, Any]:
    """What `_remind.html` shows."""
    member = request.user
    return {
        "trailer": trailer,
        "reminded": member.is_authenticated and wants_reminder(trailer, member),
        "reminder_count": count_reminders(trailer),
        "push_available": bool(settings.VAPID_PRIVATE_KEY),
    }
