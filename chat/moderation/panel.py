"""The moderation page of a room, for its seller and the channel's moderators."""

from functools import partial

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from broadcasts.access import get_kept_broadcast, get_own_broadcast
from chat.moderation import channel_rules, moderators, room_rules
from chat.moderation.models import ModerationLog
from chat.moderation.parts import PARTS, act, part_page, whole_page
from common.htmx import is_partial
from common.limits import too_often

LOG_PER_PAGE = 20
APPOINTED_A_MINUTE = 10


@require_safe
@login_required
@never_cache
def moderation(request: MemberRequest, code: str) -> HttpResponse:
    """All of it, or the one `part` that is asked for."""
    show = get_kept_broadcast(request.user, code)
    part = request.GET.get("part", "")
    if part in PARTS and is_partial(request):
        return part_page(request, show, part)
    return whole_page(request, show)


@require_safe
@login_required
@never_cache
def log(request: MemberRequest, code: str) -> HttpResponse:
    """What was done in the channel, newest first."""
    show = get_kept_broadcast(request.user, code)
    rows = ModerationLog.objects.filter(channel=show.channel_id).select_related("by", "member", "broadcast")
    page = Paginator(rows, LOG_PER_PAGE).get_page(request.GET.get("page"))
    template = "chat/moderation/_log.html" if is_partial(request) else "chat/moderation/log.html"
    return render(request, template, {"broadcast": show, "page": page})


@require_POST
@login_required
@never_cache
def set_room(request: MemberRequest, code: str) -> HttpResponse:
    """One of: `slow` (seconds), `frozen` ("1" or "0"), `notice` (text, "" takes it down)."""
    show = get_kept_broadcast(request.user, code)
    given = request.POST
    if "slow" in given:
        action = partial(room_rules.set_slow_mode, show, _number(given["slow"]), by=request.user)
    elif "frozen" in given:
        action = partial(room_rules.set_frozen, show, given["frozen"] == "1", by=request.user)
    elif given.get("notice", "").strip():
        action = partial(room_rules.pin_notice, show, given["notice"], by=request.user)
    else:
        action = partial(room_rules.unpin_notice, show, by=request.user)
    return act(request, show, "room", action)


@require_POST
@login_required
@never_cache
def set_channel(request: MemberRequest, code: str) -> HttpResponse:
    """One of: `links` (a policy), `new_account` (minutes)."""
    show = get_kept_broadcast(request.user, code)
    given = request.POST
    if "links" in given:
        action = partial(channel_rules.set_link_policy, show, given["links"], by=request.user)
    else:
        minutes = _number(given.get("new_account", ""))
        action = partial(channel_rules.set_new_account_delay, show, minutes, by=request.user)
    return act(request, show, "channel", action)


@require_POST
@login_required
@never_cache
def set_word(request: MemberRequest, code: str) -> HttpResponse:
    """`verb` "block", "allow" or "drop" for the word `text`."""
    show = get_kept_broadcast(request.user, code)
    verb, text = request.POST.get("verb", ""), request.POST.get("text", "")
    if verb == "drop":
        action = partial(channel_rules.drop_word, show, text, by=request.user)
    else:
        action = partial(channel_rules.add_word, show, text, is_allowed=verb == "allow", by=request.user)
    return act(request, show, "channel", action)


@require_POST
@login_required
@never_cache
def set_reply(request: MemberRequest, code: str) -> HttpResponse:
    """`verb` "add" or "drop" for the answer `text`."""
    show = get_kept_broadcast(request.user, code)
    change = channel_rules.drop_reply if request.POST.get("verb") == "drop" else channel_rules.add_reply
    return act(request, show, "replies", partial(change, show, request.POST.get("text", ""), by=request.user))


@require_POST
@login_required
@never_cache
def set_moderator(request: MemberRequest, code: str) -> HttpResponse:
    """Appoint the member called `name`, or dismiss the `member` of this code. For the seller alone."""
    show = get_own_broadcast(request.user, code)
    if too_often("appoint", request.user.pk, most=APPOINTED_A_MINUTE, seconds=60):
        return HttpResponse(status=429)
    if "member" in request.POST:
        member = get_object_or_404(User, code=request.POST["member"])
        action = partial(moderators.dismiss, show, member, by=request.user)
    else:
        action = partial(moderators.appoint, show, request.POST.get("name", ""), by=request.user)
    return act(request, show, "moderators", action)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Http404
    return int(text)
