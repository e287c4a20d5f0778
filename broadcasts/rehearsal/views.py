"""A rehearsal for its seller (open, hand out, close) and for its guests (enter, watch)."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_own_broadcast
from broadcasts.models import Broadcast
from broadcasts.rehearsal.access import get_rehearsal, may_watch, remember_entry
from broadcasts.rehearsal.actions import check_pass_code, close_rehearsal, open_rehearsal
from broadcasts.rehearsal.models import Rehearsal
from broadcasts.rehearsal.picture import picture_address, read_piece
from common.errors import DomainError, ProviderError
from common.htmx import is_partial


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def studio(request: MemberRequest, code: str) -> HttpResponse:
    """The seller's part: whether a rehearsal is open, its address and pass code; POST opens one."""
    broadcast = get_own_broadcast(request.user, code)
    error = ""
    if request.method == "POST":
        try:
            open_rehearsal(broadcast.pk)
        except DomainError as refusal:
            error = refusal.message
    return _part(request, broadcast, error)


@require_POST
@login_required
def close(request: MemberRequest, code: str) -> HttpResponse:
    broadcast = get_own_broadcast(request.user, code)
    close_rehearsal(broadcast.pk)
    return _part(request, broadcast)


def _part(request: MemberRequest, broadcast: Broadcast, error: str = "") -> HttpResponse:
    if not is_partial(request):
        return redirect(f"{reverse('broadcasts:camera')}?show={broadcast.code}")
    rehearsal = Rehearsal.objects.open().filter(broadcast=broadcast).first()
    context = {
        "broadcast": broadcast,
        "rehearsal": rehearsal,
        "address": request.build_absolute_uri(reverse("broadcasts:rehearsal", args=[rehearsal.code]))
        if rehearsal
        else "",
        "error": error,
    }
    return render(request, "broadcasts/rehearsal/_studio.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def watch(request: HttpRequest, code: str) -> HttpResponse:
    """The guest's page: the pass code is asked for, then the picture shown until the rehearsal is over."""
    rehearsal = get_rehearsal(code)
    error = ""
    if request.method == "POST" and rehearsal.is_open:
        try:
            check_pass_code(rehearsal, request.POST.get("pass_code", ""))
        except DomainError as refusal:
            error = refusal.message
        else:
            remember_entry(request, rehearsal)
            return redirect("broadcasts:rehearsal", code)
    watching = may_watch(request, rehearsal)
    if is_partial(request):  # the page asks every few seconds whether it should still be there
        return HttpResponse(status=204, headers={} if watching else {"HX-Refresh": "true"})
    context = {
        "rehearsal": rehearsal,
        "broadcast": rehearsal.broadcast,
        "watching": watching,
        "error": error,
        "playback_url": picture_address(rehearsal) if watching else "",
    }
    response = render(request, "broadcasts/rehearsal/watch.html", context, status=422 if error else 200)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@never_cache
def picture(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """One piece of the picture: 403 for everybody else, and for everybody once it is over."""
    rehearsal = get_rehearsal(code)
    if not may_watch(request, rehearsal):
        return HttpResponse(status=403)
    try:
        piece = read_piece(rehearsal, name, request.META["QUERY_STRING"])
    except ProviderError:
        return HttpResponse(status=503)
    if piece is None:
        raise Http404
    return HttpResponse(piece.data, status=piece.status, content_type=piece.content_type)
