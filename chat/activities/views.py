"""What a viewer does: answering, and looking a draw over."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_broadcast_to_watch
from chat.activities.answering import answer_of, give_answer
from chat.activities.models import Activity
from chat.activities.names import masked
from chat.activities.opening import MOST_OPTIONS
from common.errors import DomainError
from common.limits import too_often

ANSWERS_A_MINUTE = 30
TICKETS_PER_PAGE = 100
DRAWS_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def answer(request: MemberRequest, code: str, activity: str) -> JsonResponse:
    """The member's own part, for the card in the room: {"option", "ticket", "message"}, null where there is none.

    A POST answers with `option` (none in a draw). What is refused says why in `message`, with 409 or 429.
    """
    asked = get_object_or_404(Activity, code=activity, broadcast__code=code)
    status, message = 200, ""
    if request.method == "POST":
        status, message = _give(request, asked)
    given = answer_of(asked, request.user)
    own = {"option": given.option, "ticket": given.ticket} if given else {"option": None, "ticket": None}
    return JsonResponse(own | {"message": message}, status=status)


def _give(request: MemberRequest, asked: Activity) -> tuple[int, str]:
    if too_often("answer", request.user.pk, most=ANSWERS_A_MINUTE, seconds=60):
        return 429, _("조금 천천히 눌러 주세요.")
    try:
        give_answer(asked.pk, request.user, _option(request.POST.get("option", "")))
    except DomainError as refusal:
        return 409, refusal.message
    return 200, ""


def _option(text: str) -> int | None:
    """Return what was chosen, None for nothing, -1 for what no activity has."""
    if not text:
        return None
    return int(text) if text in map(str, range(MOST_OPTIONS)) else -1


@require_safe
@never_cache
def draw(request: HttpRequest, code: str, draw: str) -> HttpResponse:
    """All that anybody needs to decide a draw again, once it is over; before that, what it committed to."""
    broadcast = get_broadcast_to_watch(code)
    shown = get_object_or_404(broadcast.activities, code=draw, kind=Activity.Kind.DRAW)
    tickets = shown.answers.select_related("member").order_by("ticket")
    page = Paginator(tickets if not shown.is_open else tickets.none(), TICKETS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    winning = {winner["ticket"] for winner in shown.winners}
    context = {
        "broadcast": broadcast,
        "draw": shown,
        "page": page,
        "rows": [
            {"ticket": entry.ticket, "name": masked(entry.member), "won": entry.ticket in winning}
            for entry in page
        ],
        "draws": broadcast.activities.filter(kind=Activity.Kind.DRAW).order_by("pk")[:DRAWS_SHOWN],
    }
    return render(request, "chat/activities/draw.html", context)


@require_safe
def draw_tickets(request: HttpRequest, code: str, draw: str) -> HttpResponse:
    """All tickets of a draw that is over, in order, one on each line: what its digest is made of."""
    over = get_object_or_404(
        Activity, code=draw, broadcast__code=code, kind=Activity.Kind.DRAW, status=Activity.Status.CLOSED
    )
    tickets = over.answers.order_by("ticket").values_list("ticket", flat=True)
    return HttpResponse("\n".join(tickets), content_type="text/plain; charset=utf-8")
