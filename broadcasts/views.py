"""Pages for everybody: what is on air, what was, and the show itself."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from accounts.socket_ticket import give_ticket
from broadcasts.access import get_broadcast_to_watch, keeps_order
from broadcasts.chapters.listing import chapters_of, lead_to_chapters
from broadcasts.models import Broadcast, Recording
from broadcasts.playback import live_address
from broadcasts.viewers import with_viewers
from catalog.categories import category_tree
from catalog.listing import newest

CARDS = 12
REPLAYS_PER_PAGE = 24
SHOWS_OF_A_PRODUCT = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    shows = Broadcast.objects.for_cards()
    context = {
        "on_air": SimpleLazyObject(_most_watched),
        "upcoming": shows.filter(status=Broadcast.Status.SCHEDULED).order_by("-created_at")[:8],
        "replays": shows.replayable().order_by("-ended_at")[:CARDS],
        "categories": category_tree().roots,
        "products": SimpleLazyObject(lambda: newest(size=CARDS).cards),
    }
    return render(request, "broadcasts/home.html", context)


def _most_watched() -> list[Broadcast]:
    on_air = with_viewers(list(Broadcast.objects.for_cards().on_air().order_by("-started_at")[: 2 * CARDS]))
    return sorted(on_air, key=lambda show: show.viewers, reverse=True)[:CARDS]  # type: ignore[attr-defined]


@require_safe
def replays(request: HttpRequest) -> HttpResponse:
    shows = Broadcast.objects.for_cards().replayable().order_by("-ended_at")
    page = Paginator(shows, REPLAYS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "broadcasts/replays.html", {"page": page})


@require_safe
def product_shows(request: HttpRequest, product: str) -> HttpResponse:
    """The part of a product's page that names the shows it is in: on the air first, then replays."""
    shows = Broadcast.objects.for_cards().filter(lineup__product__code=product)
    on_air = with_viewers(list(shows.on_air().order_by("-started_at")[:SHOWS_OF_A_PRODUCT]))
    replays = shows.replayable().order_by("-ended_at")[: SHOWS_OF_A_PRODUCT - len(on_air)]
    return render(request, "broadcasts/_product_shows.html", {"shows": [*on_air, *replays]})


@require_safe
def watch(request: HttpRequest, code: str) -> HttpResponse:
    """The live page; the same page is the replay afterwards."""
    broadcast = get_broadcast_to_watch(code)
    with_viewers([broadcast])
    ended = broadcast.status == Broadcast.Status.ENDED
    # A show that lost its picture for longer than the reconnect window was recorded in parts.
    parts = [part for part in broadcast.recordings.all() if ended and part.status == Recording.Status.READY]
    part = Paginator(parts, 1).get_page(request.GET.get("part"))
    lineup, chapters = list(broadcast.lineup.all()), chapters_of(broadcast)
    lead_to_chapters(lineup, chapters)
    context = {
        "broadcast": broadcast,
        "lineup": lineup,
        "chapters": chapters,
        "recording": next(iter(part), None),
        "part": part,
        "playback_url": live_address(broadcast.channel) if broadcast.is_on_air else "",
        "keeps_order": keeps_order(request.user, broadcast),
        "can_chat": request.user.is_authenticated,
        "socket_path": f"/ws/rooms/{broadcast.code}/",
    }
    response = render(request, "broadcasts/watch.html", context)
    give_ticket(request, response)
    return response


@require_safe
def lineup(request: HttpRequest, code: str) -> HttpResponse:
    broadcast = get_broadcast_to_watch(code)
    lineup = list(broadcast.lineup.all())
    lead_to_chapters(lineup, chapters_of(broadcast))
    return render(request, "broadcasts/_lineup.html", {"broadcast": broadcast, "lineup": lineup})
