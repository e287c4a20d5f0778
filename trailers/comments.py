"""Comments under a trailer: read by everybody, written by members, changed in place. Works without scripts too."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from common.errors import DomainError
from common.htmx import is_partial
from common.limits import too_often
from trailers.access import get_comment, get_comment_to_delete, get_own_comment, get_trailer_to_view
from trailers.comment_actions import delete_comment, edit_comment, write_comment
from trailers.detail_page import comments_context, note_rights, render_detail
from trailers.forms import CommentForm
from trailers.models import Comment, Trailer
from trailers.sign_in import sign_in_first

COMMENTS_A_MINUTE = 10


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def comments(request: HttpRequest, code: str) -> HttpResponse:
    """A page of comments, or one more of them."""
    trailer = get_trailer_to_view(request.user, code)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return sign_in_first(request, trailer)
        return _write(cast(MemberRequest, request), trailer)
    if not is_partial(request):
        page = urlencode({"page": request.GET["page"]}) if "page" in request.GET else ""
        return redirect(f"{_page_of(trailer)}?{page}#comments")
    return render(request, "trailers/_comments.html", comments_context(request, trailer))


def _write(request: MemberRequest, trailer: Trailer) -> HttpResponse:
    if too_often("comment", request.user.pk, most=COMMENTS_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    form = CommentForm(request.POST)
    if form.is_valid():
        text, key = form.cleaned_data["text"], form.cleaned_data["key"]
        try:
            write_comment(trailer, author=request.user, text=text, key=key)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
    if form.errors:
        if not is_partial(request):
            return render_detail(request, trailer, comment_form=form)
        context = comments_context(request, trailer, comment_form=form)
        return render(request, "trailers/_comments.html", context, status=422)
    if not is_partial(request):
        return redirect(f"{_page_of(trailer)}#comments")
    return render(request, "trailers/_comments.html", comments_context(request, trailer))


@require_safe
@never_cache
def comment(request: HttpRequest, code: str) -> HttpResponse:
    """One comment, as it stands in the page: also what leaving the edit form brings back."""
    shown = get_comment(request.user, code)
    return _one(request, shown) if is_partial(request) else redirect(_place_of(shown))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def edit(request: MemberRequest, code: str) -> HttpResponse:
    own = get_own_comment(request.user, code)
    form = CommentForm(request.POST if request.method == "POST" else None, instance=own)
    if request.method == "POST" and form.is_valid():
        edit_comment(own, text=form.cleaned_data["text"])
        return _one(request, own) if is_partial(request) else redirect(_place_of(own))
    part = "trailers/_comment_form.html" if is_partial(request) else "trailers/edit_comment.html"
    context = {"form": form, "comment": own}
    return render(request, part, context, status=422 if form.errors else 200)


@require_POST
@login_required
@never_cache
def delete(request: MemberRequest, code: str) -> HttpResponse:
    unwanted = get_comment_to_delete(request.user, code)
    delete_comment(unwanted, by=request.user)
    if is_partial(request):
        return HttpResponse("")  # what stands in the comment's place
    messages.success(request, _("댓글을 지웠어요."))
    return redirect(f"{_page_of(unwanted.trailer)}#comments")


def _one(request: HttpRequest, shown: Comment) -> HttpResponse:
    reader = cast(User, request.user)
    note_rights(shown, reader)
    return render(request, "trailers/_comment.html", {"comment": shown, "is_author": shown.is_own})


def _page_of(trailer: Trailer) -> str:
    return reverse("trailers:detail", args=[trailer.code])


def _place_of(shown: Comment) -> str:
    return f"{_page_of(shown.trailer)}#comment-{shown.code}"
