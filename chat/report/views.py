"""The numbers of a show while it runs, and its report afterwards."""

from dataclasses import asdict

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_kept_broadcast, get_own_broadcast
from broadcasts.models import Broadcast
from chat.report.numbers import numbers_of
from chat.report.reading import read_curve, read_report


@require_safe
@login_required
@never_cache
def numbers(request: MemberRequest, code: str) -> JsonResponse:
    """What control rooms ask every second. Moderators do not get the revenue."""
    broadcast = get_kept_broadcast(request.user, code)
    try:
        answer = asdict(numbers_of(code))
    except Broadcast.DoesNotExist as error:  # deleted this moment
        raise Http404 from error
    if broadcast.channel.member_id != request.user.pk:
        del answer["revenue"]
    return JsonResponse(answer)


@require_safe
@login_required
@never_cache
def report(request: MemberRequest, code: str) -> HttpResponse:
    broadcast = get_own_broadcast(request.user, code)
    context = {"broadcast": broadcast, "report": read_report(broadcast)}
    return render(request, "chat/report/report.html", context)


@require_safe
@login_required
@never_cache
def report_summary(request: MemberRequest, code: str) -> HttpResponse:
    """The report in a few numbers, for the control room of a show that is over."""
    broadcast = get_own_broadcast(request.user, code)
    context = {"broadcast": broadcast, "report": read_report(broadcast)}
    return render(request, "chat/report/_summary.html", context)


@require_safe
@login_required
@never_cache
def report_curve(request: MemberRequest, code: str) -> JsonResponse:
    """What the plot draws."""
    return JsonResponse(asdict(read_curve(get_own_broadcast(request.user, code))))
