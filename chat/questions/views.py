"""The questions of a show for its viewers: a part of the watch page that is fetched when somebody opens it."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts.models import Broadcast
from chat.questions import actions, voting
from chat.questions.access import get_question, get_show
from chat.questions.models import Question, QuestionVote
from chat.questions.refusals import QuestionOver
from chat.refusals import Refusal
from common.htmx import is_partial
from common.limits import too_often

PER_PAGE = 20
OWN_SHOWN = 5
ASKED_A_MINUTE = 6
VOTES_A_MINUTE = 40

GONE = (Question.Status.MERGED, Question.Status.DISMISSED)


@require_safe
@never_cache
def questions(request: HttpRequest, code: str) -> HttpResponse:
    """A page of the list, with what the reader may do."""
    show = get_show(code)
    if not is_partial(request):
        return redirect("broadcasts:watch", show.code)
    return _list(request, show)


@require_POST
@login_required
@never_cache
def ask(request: MemberRequest, code: str) -> HttpResponse:
    show = get_show(code)
    if too_often("question", request.user.pk, most=ASKED_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    text = request.POST.get("text", "")
    try:
        asked = actions.ask(show.pk, request.user, text=text)
    except Refusal as refusal:
        return _list(request, show, text=text, problem=refusal.message, status=422)
    if not is_partial(request):
        return redirect("broadcasts:watch", show.code)
    return _list(request, show, seconded_instead=asked.author_id != request.user.pk)


@require_POST
@login_required
@never_cache
def second(request: MemberRequest, code: str, question: str) -> HttpResponse:
    return _vote(request, code, question, wants=True)


@require_POST
@login_required
@never_cache
def unsecond(request: MemberRequest, code: str, question: str) -> HttpResponse:
    return _vote(request, code, question, wants=False)


def _vote(request: MemberRequest, code: str, question: str, *, wants: bool) -> HttpResponse:
    show = get_show(code)
    wanted = get_question(show, question)
    if too_often("second", request.user.pk, most=VOTES_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    try:
        (voting.second if wants else voting.unsecond)(wanted, request.user)
    except QuestionOver:
        wants = False  # its new status says why
    if not is_partial(request):
        return redirect("broadcasts:watch", show.code)
    wanted.refresh_from_db(fields=["status", "votes", "version"])
    context = {"broadcast": show, "question": wanted, "seconded": {wanted.pk} if wants else set()}
    return render(request, "chat/questions/_question.html", context)


def _list(
    request: HttpRequest,
    show: Broadcast,
    *,
    text: str = "",
    problem: str = "",
    seconded_instead: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Takes two queries for a guest, two more for a member."""
    asked = Question.objects.filter(broadcast=show).select_related("author")
    is_over = show.status == Broadcast.Status.ENDED
    shown = asked.exclude(status__in=GONE) if is_over else asked.open()
    page = Paginator(shown.most_wanted(), PER_PAGE).get_page(request.GET.get("page"))
    own: list[Question] = []
    seconded: set[int] = set()
    if request.user.is_authenticated:
        own = list(asked.filter(author=request.user).order_by("-pk")[:OWN_SHOWN])
        votes = QuestionVote.objects.filter(member=request.user, question__in=[row.pk for row in page])
        seconded = set(votes.values_list("question_id", flat=True))
    context = {
        "broadcast": show,
        "page": page,
        "own": own,
        "seconded": seconded,
        "may_ask": show.status not in actions.CLOSED,
        "most_open": actions.MOST_OPEN,
        "text": text,
        "problem": problem,
        "seconded_instead": seconded_instead,
    }
    return render(request, "chat/questions/_list.html", context, status=status)
