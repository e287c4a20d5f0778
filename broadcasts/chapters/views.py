"""The seller's page of a replay's chapters: every button is a POST that leads back to it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_own_broadcast
from broadcasts.chapters import actions
from broadcasts.chapters.forms import ChapterForm
from broadcasts.chapters.listing import chapters_of
from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast
from broadcasts.replay import Replay, read_replay
from common.errors import DomainError


@require_safe
@login_required
@never_cache
def chapters(request: MemberRequest, code: str) -> HttpResponse:
    """The replay with its chapters to be put right; `part` chooses the part."""
    broadcast = get_own_broadcast(request.user, code)
    replay = _replay_of(broadcast)
    part = _part(request.GET.get("part", ""), replay)
    entries = [entry for entry in chapters_of(broadcast, replay) if entry.place.part == part]
    context = {
        "broadcast": broadcast,
        "entries": entries,
        "part": part,
        "parts": range(1, len(replay.parts) + 1),
        "recording": replay.parts[part - 1],
    }
    return render(request, "broadcasts/chapters/edit.html", context)


@require_POST
@login_required
def add_chapter(request: MemberRequest, code: str) -> HttpResponse:
    broadcast = get_own_broadcast(request.user, code)
    form = ChapterForm(request.POST, replay=_replay_of(broadcast))
    if form.is_valid():
        try:
            at = form.replay.moment_of(form.place)
            actions.add_chapter(broadcast, at=at, title=form.cleaned_data["title"])
        except DomainError as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("장면을 추가했어요."))
    return _back(request, code, form)


@require_POST
@login_required
def change_chapter(request: MemberRequest, code: str, chapter: str) -> HttpResponse:
    broadcast = get_own_broadcast(request.user, code)
    found = _chapter(broadcast, chapter)
    form = ChapterForm(request.POST, replay=_replay_of(broadcast))
    if form.is_valid():
        at = form.replay.moment_of(form.place)
        actions.change_chapter(found, title=form.cleaned_data["title"], at=at)
        messages.success(request, _("장면을 고쳤어요."))
    return _back(request, code, form)


@require_POST
@login_required
def remove_chapter(request: MemberRequest, code: str, chapter: str) -> HttpResponse:
    broadcast = get_own_broadcast(request.user, code)
    actions.remove_chapter(_chapter(broadcast, chapter))
    messages.success(request, _("장면을 뺐어요."))
    return _back(request, code)


def _chapter(broadcast: Broadcast, code: str) -> Chapter:
    return get_object_or_404(Chapter.objects.shown(), broadcast=broadcast, code=code)


def _replay_of(broadcast: Broadcast) -> Replay:
    replay = read_replay(broadcast)
    if replay is None:
        raise Http404
    return replay


def _part(text: str, replay: Replay) -> int:
    return int(text) if text.isdecimal() and 1 <= int(text) <= len(replay.parts) else 1


def _back(request: MemberRequest, code: str, form: ChapterForm | None = None) -> HttpResponse:
    """Go back to the page, to the part one was at, with what was wrong."""
    problems = [str(error) for errors in (form.errors if form else {}).values() for error in errors]
    for problem in dict.fromkeys(problems):
        messages.error(request, problem)
    part = request.POST.get("part", "")
    path = reverse("broadcasts:chapters", args=[code])
    return redirect(f"{path}?part={part}" if part.isdecimal() else path)
