"""Pages for everybody: what is announced, and one announcement with its video and comments."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from access.granting import grant_playback, renew_after
from trailers.access import get_trailer_to_view
from trailers.calendar_file import calendar_file
from trailers.detail_page import may_play, render_detail, video_folder
from trailers.models import Trailer
from trailers.reminders import note_reminders

TRAILERS_PER_PAGE = 24
SOON = 12


@require_safe
def trailer_list(request: HttpRequest) -> HttpResponse:
    trailers = Trailer.objects.coming(timezone.now()).for_cards()
    page = Paginator(trailers, TRAILERS_PER_PAGE).get_page(request.GET.get("page"))
    note_reminders(page, request.user)
    return render(request, "trailers/list.html", {"page": page})


@require_safe
def soon(request: HttpRequest) -> HttpResponse:
    """The next ones, as a part of the main page. What is on air stands there already."""
    now = timezone.now()
    trailers = list(Trailer.objects.coming(now).for_cards().filter(starts_at__gt=now)[:SOON])
    note_reminders(trailers, request.user)
    return render(request, "trailers/_soon.html", {"trailers": trailers})


@require_safe
@never_cache
def detail(request: HttpRequest, code: str) -> HttpResponse:
    return render_detail(request, get_trailer_to_view(request.user, code))


@require_safe
@never_cache
def status(request: HttpRequest, code: str) -> HttpResponse:
    """Where the show stands; an open page asks again when its time is near."""
    trailer = get_trailer_to_view(request.user, code)
    return render(request, "trailers/_status.html", {"trailer": trailer, "broadcast": trailer.broadcast})


@require_POST
@never_cache
def renew(request: HttpRequest, code: str) -> JsonResponse:
    """Leave to go on playing: `{"renew_after": seconds}`; 410 once there is nothing to play any more."""
    trailer = get_trailer_to_view(request.user, code)
    if not may_play(trailer):
        return JsonResponse({}, status=410)
    response = JsonResponse({"renew_after": renew_after()})
    grant_playback(response, video_folder(trailer))
    return response


@require_safe
@never_cache
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    trailer = get_trailer_to_view(request.user, code)
    response = HttpResponse(calendar_file(trailer), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{trailer.code}.ics"'
    return response
