"""The part of the control room where polls, quizzes and draws begin, are followed and end."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import MemberRequest
from broadcasts.access import get_kept_broadcast, get_own_broadcast
from broadcasts.models import Broadcast
from chat.activities import closing, opening, ticker
from chat.activities.forms import FORMS
from chat.activities.models import Activity, Answer
from common.errors import DomainError
from common.htmx import is_partial

EARLIER_SHOWN = 10

OPEN: dict[str, Callable[..., Activity]] = {
    Activity.Kind.POLL: opening.open_poll,
    Activity.Kind.QUIZ: opening.open_quiz,
    Activity.Kind.DRAW: opening.open_draw,
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def activities(request: MemberRequest, code: str) -> HttpResponse:
    """What is open or was, and the forms; a POST begins one of the `kind` it names."""
    broadcast = get_kept_broadcast(request.user, code)
    if request.method != "POST":
        return _panel(request, broadcast)
    kind = request.POST.get("kind", "")
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST, auto_id=f"{kind}-%s")
    if form.is_valid():
        try:
            OPEN[kind](broadcast.pk, by=request.user, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
    if form.errors:
        return _panel(request, broadcast, bad=(kind, form), status=422)
    return _done(request, broadcast)


@require_POST
@login_required
@never_cache
def end_activity(request: MemberRequest, code: str, activity: str) -> HttpResponse:
    """End one early; a second press changes nothing."""
    broadcast = get_kept_broadcast(request.user, code)
    closing.close_activity(get_object_or_404(broadcast.activities, code=activity).pk, by=request.user)
    return _done(request, broadcast)


@require_POST
@login_required
@never_cache
def switch_ticker(request: MemberRequest, code: str) -> HttpResponse:
    """Whether the room hears of orders (`on`: 1 or 0); for the seller alone."""
    broadcast = get_own_broadcast(request.user, code)
    ticker.switch(broadcast, on=request.POST.get("on") == "1")
    return _done(request, broadcast)


def _done(request: MemberRequest, broadcast: Broadcast) -> HttpResponse:
    if not is_partial(request):
        return redirect("chat:activities", broadcast.code)
    return _panel(request, broadcast)


def _with_winners(activities: list[Activity]) -> list[tuple[Activity, list[str]]]:
    """Return each with the nicknames of its winners, which the public sees masked. One query."""
    tickets = [winner["ticket"] for activity in activities for winner in activity.winners]
    names = dict(Answer.objects.filter(ticket__in=tickets).values_list("ticket", "member__nickname"))
    return [
        (activity, [names[winner["ticket"]] for winner in activity.winners if winner["ticket"] in names])
        for activity in activities
    ]


def _panel(
    request: MemberRequest, broadcast: Broadcast, *, bad: tuple[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    shown = list(broadcast.activities.order_by("-pk")[: EARLIER_SHOWN + 1])
    running = next((activity for activity in shown if activity.is_open), None)
    chosen, filled = bad or (Activity.Kind.POLL, None)
    context = {
        "broadcast": broadcast,
        "running": running,
        "earlier": _with_winners([activity for activity in shown if not activity.is_open][:EARLIER_SHOWN]),
        "forms": [
            (kind, kind.label, filled if filled and kind == chosen else FORMS[kind](auto_id=f"{kind}-%s"))
            for kind in Activity.Kind
        ],
        "chosen": chosen,
        "is_seller": broadcast.channel.member_id == request.user.pk,
        "ticker_is_on": ticker.is_on(broadcast),
    }
    template = "chat/activities/_panel.html" if is_partial(request) else "chat/activities/panel.html"
    return render(request, template, context, status=status)
