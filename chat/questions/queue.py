"""The queue of a show's questions in the control room: which one goes on the picture, and what became of it."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_kept_broadcast
from broadcasts.models import Broadcast
from chat.questions import actions
from chat.questions.access import get_question
from chat.questions.models import Question
from chat.questions.screen import screen_of
from chat.refusals import Refusal
from common.errors import IllegalMove
from common.htmx import is_partial

PER_PAGE = 20
ANSWERED_SHOWN = 10

VERBS: dict[str, Callable[..., bool]] = {
    "show": actions.show_question,
    "answer": actions.answer_question,
    "back": actions.put_back,
    "dismiss": actions.dismiss,
}


@require_safe
@login_required
@never_cache
def questions_queue(request: MemberRequest, code: str) -> HttpResponse:
    return _queue(request, get_kept_broadcast(request.user, code))


@require_POST
@login_required
@never_cache
def move_question(request: MemberRequest, code: str, question: str, verb: str) -> HttpResponse:
    """Do one of VERBS to a question."""
    show = get_kept_broadcast(request.user, code)
    if verb not in VERBS:
        raise Http404
    return _done(request, show, VERBS[verb], get_question(show, question))


@require_POST
@login_required
@never_cache
def merge_question(request: MemberRequest, code: str, question: str) -> HttpResponse:
    """Let a question be part of another one (`into`: its code)."""
    show = get_kept_broadcast(request.user, code)
    into = get_question(show, request.POST.get("into", ""))
    return _done(request, show, actions.merge, get_question(show, question), into)


@require_POST
@login_required
@never_cache
def clear_screen(request: MemberRequest, code: str) -> HttpResponse:
    """Take off the picture whatever lies on it; a question goes on waiting."""
    show = get_kept_broadcast(request.user, code)
    actions.take_down(show.pk, by=request.user)
    if not is_partial(request):
        return redirect("chat:questions_queue", show.code)
    return _queue(request, get_kept_broadcast(request.user, code))


def _done(
    request: MemberRequest, show: Broadcast, action: Callable[..., bool], *questions: Question
) -> HttpResponse:
    problem = ""
    try:
        action(*questions, by=request.user)
    except IllegalMove:
        problem = _("그 사이에 다른 사람이 처리한 질문이에요.")
    except Refusal as refusal:
        problem = refusal.message
    if not is_partial(request):
        return redirect("chat:questions_queue", show.code)
    return _queue(request, get_kept_broadcast(request.user, show.code), problem=problem)


def _queue(request: MemberRequest, show: Broadcast, *, problem: str = "") -> HttpResponse:
    picture = screen_of(show)
    screen = picture.item if picture else None
    asked = Question.objects.filter(broadcast=show).select_related("author", "product")
    waiting = asked.filter(status=Question.Status.WAITING).most_wanted()
    context = {
        "broadcast": show,
        "screen": screen,
        "shown": asked.filter(code=screen.id).first() if screen else None,
        "page": Paginator(waiting, PER_PAGE).get_page(request.GET.get("page")),
        "answered": asked.filter(status=Question.Status.ANSWERED).order_by("-answered_at")[:ANSWERED_SHOWN],
        "dismissed": asked.filter(status=Question.Status.DISMISSED).order_by("-pk")[:ANSWERED_SHOWN],
        "problem": problem,
    }
    partial = is_partial(request)
    template = "chat/questions/_queue.html" if partial else "chat/questions/queue.html"
    return render(request, template, context)
