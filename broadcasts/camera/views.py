"""Going live: from the browser's camera, and the show's own part of the page beside it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts import actions
from broadcasts.access import get_own_broadcast, get_own_channel
from broadcasts.checklist import checklist
from broadcasts.models import Broadcast, Channel
from broadcasts.viewers import with_viewers
from common.errors import DomainError, IllegalMove
from common.htmx import is_partial


@require_safe
@login_required
@never_cache
def camera(request: MemberRequest) -> HttpResponse:
    """The camera, its devices and its preview; `?show=` is the show to start with it."""
    channel = get_own_channel(request.user)
    return render(
        request,
        "broadcasts/camera/camera.html",
        {"channel": channel, "show": show_to_start(request, channel)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def go_live(request: MemberRequest, code: str) -> HttpResponse:
    """The show beside the camera: what is still to be seen to, its state, its start (POST)."""
    broadcast = get_own_broadcast(request.user, code)
    error = ""
    if request.method == "POST":
        try:
            actions.start_broadcast(broadcast.pk, by=request.user)
        except IllegalMove:
            error = _("이미 끝났거나 취소한 방송은 시작할 수 없어요.")
        except DomainError as refusal:
            error = refusal.message
    return _part(request, code, error)


@require_POST
@login_required
def go_live_end(request: MemberRequest, code: str) -> HttpResponse:
    """End the show without leaving the camera's page."""
    broadcast = get_own_broadcast(request.user, code)
    error = ""
    try:
        actions.end_broadcast(broadcast.pk, by=request.user)
    except IllegalMove:
        error = _("방송 중일 때만 끝낼 수 있어요.")
    return _part(request, code, error)


@require_safe
@login_required
@never_cache
def checks(request: MemberRequest, code: str) -> HttpResponse:
    """The checklist alone, for the control room."""
    broadcast = get_own_broadcast(request.user, code)
    context = {"broadcast": broadcast, "checks": checklist(broadcast)}
    return render(request, "broadcasts/camera/_checklist.html", context)


def show_to_start(request: HttpRequest, channel: Channel) -> Broadcast | None:
    """Return the show that is asked for (403 or 404 if it is not the seller's), else the one that is next or on."""
    if code := request.GET.get("show"):
        return get_own_broadcast(request.user, code)
    shows = Broadcast.objects.filter(channel=channel)
    return (
        shows.filter(status__in=Broadcast.OPEN).first()
        or shows.filter(status=Broadcast.Status.SCHEDULED).order_by("-created_at").first()
    )


def _part(request: MemberRequest, code: str, error: str) -> HttpResponse:
    if not is_partial(request):
        return redirect(f"{reverse('broadcasts:camera')}?show={code}")
    broadcast = get_own_broadcast(request.user, code)
    with_viewers([broadcast])
    context = {
        "broadcast": broadcast,
        "channel": broadcast.channel,
        "checks": checklist(broadcast),
        "error": error,
    }
    return render(request, "broadcasts/camera/_go_live.html", context)
