"""What was said, for pages that look back and for the seller's own use."""

from dataclasses import asdict

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBadRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_broadcast_to_watch, get_own_broadcast
from broadcasts.models import Broadcast
from broadcasts.replay import Place, Replay, read_replay
from chat import pages
from chat.telling import tell
from chat.transcript import as_csv

FARTHEST_MS = 7 * 24 * 3600 * 1000
LAST_SEQ = 2**31 - 1


class Wanted(forms.Form):
    """Which messages: those before one, the last until a place of the replay, or those of a stretch of it."""

    before = forms.IntegerField(min_value=1, max_value=LAST_SEQ, required=False)
    part = forms.IntegerField(min_value=1, max_value=1000, required=False)
    until_ms = forms.IntegerField(min_value=0, max_value=FARTHEST_MS, required=False)
    from_ms = forms.IntegerField(min_value=0, max_value=FARTHEST_MS, required=False)
    to_ms = forms.IntegerField(min_value=0, max_value=FARTHEST_MS, required=False)
    after = forms.IntegerField(min_value=0, max_value=LAST_SEQ, required=False)


@require_safe
@never_cache
def messages(request: HttpRequest, code: str) -> HttpResponseBase:
    """A page of messages, as {"messages": [as the room hears them, with `ms` in a replay], "more": bool}."""
    broadcast = get_broadcast_to_watch(code)
    if broadcast.status == Broadcast.Status.CANCELLED:
        raise Http404
    form = Wanted(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest()
    match form.cleaned_data:
        case {"before": int(seq)}:
            return _answer(broadcast, pages.before(broadcast, seq))
        case {"part": int(part), "until_ms": int(ms)}:
            replay = _replay_with(broadcast, part)
            return _answer(broadcast, pages.until(broadcast, replay, Place(part=part, ms=ms)), replay)
        case {"part": int(part), "from_ms": int(begin), "to_ms": int(end), "after": after} if begin < end:
            replay = _replay_with(broadcast, part)
            stretch = Place(part=part, ms=begin), Place(part=part, ms=end)
            return _answer(broadcast, pages.between(broadcast, replay, *stretch, after=after or 0), replay)
    return HttpResponseBadRequest()


def _replay_with(broadcast: Broadcast, part: int) -> Replay:
    replay = read_replay(broadcast)
    if replay is None or part > len(replay.parts):
        raise Http404
    return replay


def _answer(broadcast: Broadcast, page: pages.Page, replay: Replay | None = None) -> JsonResponse:
    told = [asdict(event) for event in tell(page.messages, broadcast.channel)]
    if replay:
        for event, message in zip(told, page.messages, strict=True):
            place = replay.place_of(message.created_at)
            event["part"], event["ms"] = place.part, place.ms
    return JsonResponse({"messages": told, "more": page.more}, json_dumps_params={"ensure_ascii": False})


@require_safe
@login_required
@never_cache
def chat_csv(request: MemberRequest, code: str) -> StreamingHttpResponse:
    """The whole chat as a file."""
    broadcast = get_own_broadcast(request.user, code)
    headers = {"Content-Disposition": f'attachment; filename="chat-{broadcast.code}.csv"'}
    return StreamingHttpResponse(as_csv(broadcast), content_type="text/csv; charset=utf-8", headers=headers)
