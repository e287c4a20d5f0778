"""The parts of a room's moderation page: each is fetched, acted in and swapped by itself."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from broadcasts.models import Broadcast, Moderator
from chat.moderation.channel_rules import NEW_ACCOUNT_MINUTES
from chat.moderation.models import BlockedWord, CannedReply, ChannelRules, Restriction, RoomRules
from chat.moderation.reporting import waiting_reports
from chat.moderation.room_rules import SLOW_SECONDS
from chat.telling import messages_of
from common.errors import DomainError
from common.htmx import is_partial

HIDDEN_PER_PAGE = 20
RESTRICTED_PER_PAGE = 20

Context = dict[str, Any]


def _room(request: HttpRequest, show: Broadcast) -> Context:
    return {
        "room_rules": RoomRules.objects.filter(pk=show.pk).first(),
        "slow_choices": SLOW_SECONDS,
    }


def _channel(request: HttpRequest, show: Broadcast) -> Context:
    rules = ChannelRules.objects.filter(pk=show.channel_id).first()
    return {
        "channel_rules": rules or ChannelRules(channel=show.channel),
        "link_choices": ChannelRules.Links.choices,
        "new_account_choices": NEW_ACCOUNT_MINUTES,
        "words": BlockedWord.objects.filter(channel=show.channel_id),
    }


def _reports(request: HttpRequest, show: Broadcast) -> Context:
    return {"reports": waiting_reports(show)}


def _hidden(request: HttpRequest, show: Broadcast) -> Context:
    hidden = messages_of(show.pk).exclude(hidden_at=None).select_related("hidden_by").order_by("-hidden_at")
    return {"hidden": Paginator(hidden, HIDDEN_PER_PAGE).get_page(request.GET.get("page"))}


def _restricted(request: HttpRequest, show: Broadcast) -> Context:
    standing = Restriction.objects.standing().filter(channel=show.channel_id).select_related("member", "by")
    page = Paginator(standing, RESTRICTED_PER_PAGE).get_page(request.GET.get("page"))
    return {"restricted": page}


def _moderators(request: HttpRequest, show: Broadcast) -> Context:
    appointed = Moderator.objects.filter(channel=show.channel_id).select_related("member").order_by("pk")
    return {"moderators": appointed, "is_owner": show.channel.member_id == request.user.pk}


def _replies(request: HttpRequest, show: Broadcast) -> Context:
    return {"replies": CannedReply.objects.filter(channel=show.channel_id)}


PARTS: dict[str, Callable[[HttpRequest, Broadcast], Context]] = {
    "room": _room,
    "reports": _reports,
    "hidden": _hidden,
    "restricted": _restricted,
    "channel": _channel,
    "moderators": _moderators,
    "replies": _replies,
}


FETCHED_LATER = {"hidden"}
"""What takes a look at all messages: only if somebody opens it."""


def part_page(
    request: HttpRequest, show: Broadcast, part: str, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """Return one of PARTS."""
    context = {"broadcast": show, "problem": problem, **PARTS[part](request, show)}
    return render(request, f"chat/moderation/_{part}.html", context, status=status)


def whole_page(request: HttpRequest, show: Broadcast) -> HttpResponse:
    """Return all of them: as a part of the control room, or as a page of its own."""
    context: Context = {"broadcast": show}
    for part, made in PARTS.items():
        if part not in FETCHED_LATER:
            context |= made(request, show)
    template = "chat/moderation/_panel.html" if is_partial(request) else "chat/moderation/panel.html"
    return render(request, template, context)


def act(
    request: HttpRequest, show: Broadcast, part: str, action: Callable[[], object], *, done: str = ""
) -> HttpResponse:
    """Do it and answer as it was asked for: `done` in JSON for scripts, the part for htmx, else the whole page.

    Says why if it may not be done.
    """
    problem = ""
    try:
        action()
    except DomainError as refusal:
        problem = refusal.message
    status = 422 if problem else 200
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"message": problem or done}, status=status)
    if is_partial(request) or problem:
        return part_page(request, show, part, problem=problem, status=status)
    return redirect("chat:moderation", show.code)
