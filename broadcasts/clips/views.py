"""The seller cuts clips out of a replay; everybody may watch them."""

from datetime import timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_own_broadcast
from broadcasts.clips import actions
from broadcasts.clips.forms import ClipForm
from broadcasts.clips.models import Clip
from broadcasts.models import Broadcast
from broadcasts.replay import Place, Replay, read_replay
from common.errors import DomainError
from common.limits import too_often

CUTS_PER_HOUR = 60


@require_safe
@login_required
@never_cache
def clips(request: MemberRequest, code: str) -> HttpResponse:
    """The replay, a pair of scissors and what was cut; `part` and `t` (seconds) say where to begin."""
    broadcast = get_own_broadcast(request.user, code)
    replay = _replay_of(broadcast)
    part, at = request.GET.get("part", ""), request.GET.get("t", "")
    number = int(part) if part.isdecimal() and 1 <= int(part) <= len(replay.parts) else 1
    recording = replay.parts[number - 1]
    context = {
        "broadcast": broadcast,
        "recording": recording,
        "part": number,
        "parts": range(1, len(replay.parts) + 1),
        "begin_ms": min(int(at) * 1000, recording.duration_ms) if at.isdecimal() else 0,
        "length": timedelta(milliseconds=max(0, recording.duration_ms - recording.starts_at_ms)),
        "shortest_ms": actions.SHORTEST_MS,
        "longest_ms": actions.LONGEST_MS,
    }
    return render(request, "broadcasts/clips/edit.html", context | _list(broadcast))


@require_safe
@login_required
@never_cache
def clip_list(request: MemberRequest, code: str) -> HttpResponse:
    """What was cut; the page asks while something is being made."""
    broadcast = get_own_broadcast(request.user, code)
    return render(request, "broadcasts/clips/_list.html", _list(broadcast))


@require_POST
@login_required
def make_clip(request: MemberRequest, code: str) -> HttpResponse:
    broadcast = get_own_broadcast(request.user, code)
    form = ClipForm(request.POST, replay=_replay_of(broadcast))
    if too_often("clip", request.user.pk, most=CUTS_PER_HOUR, seconds=3600):
        messages.error(request, _("클립을 너무 자주 만들었어요. 한 시간 뒤에 다시 시도해 주세요."))
    elif form.is_valid():
        _make(request, broadcast, form)
    else:
        problems = [str(error) for errors in form.errors.values() for error in errors]
        for problem in dict.fromkeys(problems):
            messages.error(request, problem)
    part = request.POST.get("part", "")
    path = reverse("broadcasts:clips", args=[code])
    return redirect(f"{path}?part={part}" if part.isdecimal() else path)


def _make(request: MemberRequest, broadcast: Broadcast, form: ClipForm) -> None:
    values = form.cleaned_data
    recording = form.replay.parts[values["part"] - 1]
    lead = recording.starts_at_ms
    try:
        actions.make_clip(
            broadcast,
            recording,
            from_ms=lead + values["start"],
            to_ms=lead + values["end"],
            title=values["title"],
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("클립을 만들고 있어요. 다 되면 아래 목록에서 볼 수 있어요."))


@require_POST
@login_required
def delete_clip(request: MemberRequest, code: str, clip: str) -> HttpResponse:
    broadcast = get_own_broadcast(request.user, code)
    actions.delete_clip(get_object_or_404(Clip, broadcast=broadcast, code=clip))
    messages.success(request, _("클립을 지웠어요."))
    return redirect("broadcasts:clips", code)


@require_safe
def clip(request: HttpRequest, clip: str) -> HttpResponse:
    """The page of a clip, to be shared."""
    found = get_object_or_404(Clip.objects.for_pages(), code=clip, status=Clip.Status.READY)
    context = {
        "clip": found,
        "broadcast": found.broadcast,
        "place": _place_of(found),
        # Other sites' share cards know only whole addresses.
        "page_url": urljoin(settings.SITE_URL, request.path),
        "film_address": urljoin(settings.SITE_URL, found.url),
        "poster_address": urljoin(settings.SITE_URL, found.poster_url),
    }
    return render(request, "broadcasts/clips/clip.html", context)


def _place_of(found: Clip) -> Place | None:
    """Where the clip begins in the replay; None once that part is gone."""
    replay = read_replay(found.broadcast)
    for number, part in enumerate(replay.parts if replay else [], start=1):
        if part.pk == found.recording_id:
            return Place(part=number, ms=max(0, found.start_ms - part.starts_at_ms))
    return None


def _list(broadcast: Broadcast) -> dict[str, object]:
    made = list(Clip.objects.filter(broadcast=broadcast).select_related("recording"))
    waits = any(clip.status == Clip.Status.WAITING for clip in made)
    return {"broadcast": broadcast, "clips": made, "waits": waits}


def _replay_of(broadcast: Broadcast) -> Replay:
    replay = read_replay(broadcast)
    if replay is None:
        raise Http404
    return replay
