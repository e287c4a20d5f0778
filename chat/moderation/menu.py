"""What can be done about a message where it stands: by its readers, and by those who keep order."""

from collections.abc import Callable
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from broadcasts.access import get_broadcast_to_watch, get_kept_broadcast, keeps_order
from chat.moderation import hiding, restricting
from chat.moderation.models import Report
from chat.moderation.parts import act
from chat.moderation.reporting import report_message
from common.errors import DomainError
from common.limits import too_often

REPORTS_A_MINUTE = 10


@require_safe
@never_cache
def message_menu(request: HttpRequest, code: str) -> HttpResponse:
    """The menu of every message in the room, with what this viewer may do; fetched when it is first opened."""
    show = get_broadcast_to_watch(code)
    context = {
        "broadcast": show,
        "keeps_order": keeps_order(request.user, show),
        "reasons": Report.Reason.choices,
        "timeouts": restricting.TIMEOUT_MINUTES,
    }
    return render(request, "chat/moderation/_menu.html", context)


@require_POST
@login_required
@never_cache
def report(request: MemberRequest, code: str) -> HttpResponse:
    """Report the message `seq` for a `reason`; answers in JSON."""
    show = get_broadcast_to_watch(code)
    if too_often("report", request.user.pk, most=REPORTS_A_MINUTE, seconds=60):
        return JsonResponse({"message": _("조금 천천히 신고해 주세요.")}, status=429)
    try:
        report_message(show, _seq(request), request.POST.get("reason", ""), by=request.user)
    except DomainError as refusal:
        return JsonResponse({"message": refusal.message}, status=422)
    return JsonResponse({"message": _("신고했어요. 판매자와 매니저가 살펴볼게요.")})


@require_POST
@login_required
@never_cache
def judge_message(request: MemberRequest, code: str) -> HttpResponse:
    """`verb` "hide", "show" or "keep" (it was reported and is fine) for the message `seq`."""
    show = get_kept_broadcast(request.user, code)
    verbs: dict[str, tuple[Callable[..., object], str]] = {
        "hide": (hiding.hide_message, _("메시지를 숨겼어요.")),
        "show": (hiding.show_message, _("메시지를 다시 보여요.")),
        "keep": (hiding.keep_message, _("신고를 넘겼어요.")),
    }
    verb = request.POST.get("verb", "")
    if verb not in verbs:
        raise Http404
    action, done = verbs[verb]
    part = "hidden" if verb == "show" else "reports"
    return act(request, show, part, partial(action, show, _seq(request), by=request.user), done=done)


@require_POST
@login_required
@never_cache
def judge_member(request: MemberRequest, code: str) -> HttpResponse:
    """`verb` "hide", "timeout" (for `minutes`), "ban" or "lift" for the `member` of this code."""
    show = get_kept_broadcast(request.user, code)
    member = get_object_or_404(User, code=request.POST.get("member", ""))
    by = request.user
    action: Callable[[], object]
    match request.POST.get("verb"):
        case "hide":
            action, done = partial(hiding.hide_messages_of, show, member, by=by), _("메시지를 모두 숨겼어요.")
        case "timeout":
            minutes = request.POST.get("minutes", "")
            wanted = int(minutes) if minutes.isdecimal() and len(minutes) < 6 else 0
            action = partial(restricting.time_out, show, member, wanted, by=by)
            done = _("%(name)s님의 채팅을 정지했어요.") % {"name": member.nickname}
        case "ban":
            action = partial(restricting.ban, show, member, by=by)
            done = _("%(name)s님을 차단했어요.") % {"name": member.nickname}
        case "lift":
            action, done = partial(restricting.lift, show, member, by=by), _("제한을 풀었어요.")
        case _unknown:
            raise Http404
    return act(request, show, "restricted", action, done=done)


def _seq(request: HttpRequest) -> int:
    text = request.POST.get("seq", "")
    if not text.isdecimal() or len(text) > 9:
        raise Http404
    return int(text)
