"""The follow button, and the list of the channels one follows."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from broadcasts.following import actions
from broadcasts.following.button import button_context
from broadcasts.following.listing import followed_by, note_shows
from broadcasts.models import Channel
from common.errors import DomainError
from common.htmx import is_partial
from common.limits import too_often

FOLLOWED_PER_PAGE = 20
CLICKS_A_MINUTE = 30


@require_safe
@login_required
@never_cache
def following(request: MemberRequest) -> HttpResponse:
    page = Paginator(followed_by(request.user), FOLLOWED_PER_PAGE).get_page(request.GET.get("page"))
    note_shows(list(page))
    return render(request, "broadcasts/following/list.html", {"page": page})


@require_POST
@never_cache
def follow(request: HttpRequest, channel: str) -> HttpResponse:
    return _click(request, channel, actions.follow)


@require_POST
@never_cache
def unfollow(request: HttpRequest, channel: str) -> HttpResponse:
    return _click(request, channel, actions.unfollow)


def _click(request: HttpRequest, code: str, action: Callable[[User, Channel], bool]) -> HttpResponse:
    """Do it and draw the button anew; a browser without scripts goes back to the page it came from.

    So does whoever was signed out meanwhile, by way of signing in: these addresses themselves are no pages.
    """
    back = _page_before(request)
    if not request.user.is_authenticated:
        return redirect_to_login(back)
    channel = get_object_or_404(Channel.objects.select_related("member"), code=code)
    if too_often("follow", request.user.pk, most=CLICKS_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    refusal = ""
    try:
        action(request.user, channel)
    except DomainError as error:
        refusal = error.message
    if is_partial(request):
        channel.refresh_from_db(fields=["followers"])
        context = button_context(request, channel, back=back) | {"refusal": refusal}
        return render(request, "broadcasts/following/_button.html", context, status=409 if refusal else 200)
    if refusal:
        messages.error(request, refusal)
    return redirect(back)


def _page_before(request: HttpRequest) -> str:
    """Return the page the button stood on, as the form says, if it is one of ours."""
    page = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours else reverse("broadcasts:following")
