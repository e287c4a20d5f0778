"""What a show's report says, read from what was written down while it ran."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from broadcasts.chapters.listing import Entry, chapters_of
from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast
from broadcasts.replay import Place, Replay, read_replay
from catalog.models import Product
from chat.activities.hearts import hearts_of
from chat.models import Room
from chat.questions.models import Question
from chat.report.models import Sample
from chat.report.openers import openers_of
from common.templatetags.money import won
from orders.models import CartLine, FlashDeal, Order, OrderLine

POINTS = 600
"""As many as a plot shows; a longer show's samples are thinned out."""
ROWS = 60
"""Of the table beside the plot."""
PEAKS = 5
QUESTIONS = 50
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Point:
    """Moments are seconds since 1970."""

    at: int
    viewers: int
    chat_per_minute: int


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What happened from a moment to another (seconds since 1970): kind "pin" or "deal"."""

    kind: str
    title: str
    since: int
    until: int


@dataclass(frozen=True, kw_only=True)
class Curve:
    points: list[Point]
    marks: list[Mark]


@dataclass(frozen=True, kw_only=True)
class Peak:
    """A minute in which much was said; `place` leads into the replay, if there is one."""

    at: datetime
    messages: int
    place: Place | None


@dataclass(frozen=True, kw_only=True)
class ProductRow:
    """What a product brought; amounts are won.

    `openers` are the distinct viewers who opened its sheet while the show was on the air, `conversion` the orders begun
    meanwhile for a hundred of them; None if there were none.
    """

    product: Product
    shown_for: timedelta
    openers: int
    carts: int
    orders: int
    pieces: int
    revenue: int
    conversion: float | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table that says what the plot shows; `marks` are the titles of what went on."""

    moment: datetime
    point: Point
    marks: list[str]


@dataclass(frozen=True, kw_only=True)
class Report:
    mean_viewers: int
    peak_viewers: int
    messages: int
    hearts: int
    orders: int
    revenue: int
    products: list[ProductRow]
    peaks: list[Peak]
    chapters: list[Entry]
    questions: list[Question]
    rows: list[Row]
    has_replay: bool


def read_report(broadcast: Broadcast) -> Report:
    """Return the report of a show, which may still run. A fixed number of queries."""
    samples = list(Sample.objects.filter(broadcast=broadcast))
    sold = Order.objects.filter(broadcast=broadcast).sold().totals()
    viewers = [sample.viewers for sample in samples]
    peak = max([broadcast.peak_viewers, *viewers])
    replay = read_replay(broadcast)
    return Report(
        mean_viewers=round(sum(viewers) / len(viewers)) if viewers else 0,
        peak_viewers=peak,
        messages=Room.objects.filter(broadcast=broadcast).values_list("last_seq", flat=True).first() or 0,
        hearts=hearts_of(broadcast),
        orders=sold["count"],
        revenue=sold["revenue"],
        products=_products(broadcast),
        peaks=_peaks(samples, replay),
        chapters=chapters_of(broadcast, replay) if replay else [],
        questions=list(
            Question.objects.filter(broadcast=broadcast, status=Question.Status.WAITING).order_by(
                "-votes", "pk"
            )[:QUESTIONS]
        ),
        rows=_rows(broadcast, _thinned(_points(samples), ROWS)),
        has_replay=replay is not None,
    )


def read_curve(broadcast: Broadcast) -> Curve:
    """Return what the plot of a show draws. Three queries."""
    points = _points(list(Sample.objects.filter(broadcast=broadcast)))
    return Curve(points=_thinned(points, POINTS), marks=[*_pins(broadcast), *_deals(broadcast)])


def _points(samples: list[Sample]) -> list[Point]:
    points = []
    for before, sample in zip([None, *samples], samples, strict=False):
        said, seconds = (0, 1.0)
        if before:
            said = max(0, sample.messages - before.messages)
            seconds = (sample.at - before.at).total_seconds()
        points.append(
            Point(
                at=int(sample.at.timestamp()),
                viewers=sample.viewers,
                chat_per_minute=round(said * 60 / seconds),
            )
        )
    return points


def _rows(broadcast: Broadcast, points: list[Point]) -> list[Row]:
    marks = [*_pins(broadcast), *_deals(broadcast)]
    zone = timezone.get_current_timezone()
    return [
        Row(
            moment=datetime.fromtimestamp(point.at, zone),
            point=point,
            marks=[mark.title for mark in marks if mark.since <= point.at <= mark.until],
        )
        for point in points
    ]


def _thinned(points: list[Point], most: int) -> list[Point]:
    """Every so many-th, so that at most `most` are left; of each stretch the fullest moment."""
    step = -(-len(points) // most) or 1
    return [
        max(points[start : start + step], key=lambda point: point.viewers)
        for start in range(0, len(points), step)
    ]


def _pins(broadcast: Broadcast) -> list[Mark]:
    """Hidden ones too: the seller took them out of the replay, not out of the show."""
    pins = Chapter.objects.filter(broadcast=broadcast, source=Chapter.Source.PIN)
    return [
        Mark(
            kind="pin",
            title=pin.title,
            since=int(pin.at.timestamp()),
            until=int((pin.until or broadcast.ended_at or pin.at).timestamp()),
        )
        for pin in pins
    ]


def _deals(broadcast: Broadcast) -> list[Mark]:
    deals = FlashDeal.objects.filter(item__broadcast=broadcast).select_related("item__product")
    return [
        Mark(
            kind="deal",
            title=_("%(name)s 특가 %(price)s") % {"name": deal.item.product.name, "price": won(deal.price)},
            since=int(deal.starts_at.timestamp()),
            until=int(min(deal.stopped_at or deal.ends_at, deal.ends_at).timestamp()),
        )
        for deal in deals
    ]


def _peaks(samples: list[Sample], replay: Replay | None) -> list[Peak]:
    """The minutes of the show in which most was said, in order of time."""
    said: dict[datetime, int] = {}
    for before, sample in zip(samples, samples[1:], strict=False):
        minute = before.at.replace(second=0)
        said[minute] = said.get(minute, 0) + max(0, sample.messages - before.messages)
    loudest = sorted((minute for minute in said if said[minute]), key=lambda minute: -said[minute])[:PEAKS]
    return [
        Peak(at=minute, messages=said[minute], place=replay.place_of(minute) if replay else None)
        for minute in sorted(loudest)
    ]


def _products(broadcast: Broadcast) -> list[ProductRow]:
    sold = {
        row["product"]: row
        for row in OrderLine.objects.filter(broadcast=broadcast, order__paid_at__isnull=False)
        .order_by()
        .values("product")
        .annotate(
            orders=Count("order", distinct=True),
            orders_on_air=Count("order", distinct=True, filter=_begun_on_air(broadcast)),
            pieces=Sum(F("quantity") - F("returned")),
            revenue=Sum((F("quantity") - F("returned")) * F("unit_price")),
        )
    }
    carts = dict(
        CartLine.objects.filter(broadcast=broadcast)
        .order_by()
        .values("variant__product")
        .annotate(carts=Count("cart", distinct=True))
        .values_list("variant__product", "carts")
    )
    shown: dict[int | None, timedelta] = {}
    for pin in Chapter.objects.filter(broadcast=broadcast, source=Chapter.Source.PIN):
        length = (pin.until or broadcast.ended_at or pin.at) - pin.at
        shown[pin.product_id] = shown.get(pin.product_id, timedelta()) + length
    opened = openers_of(broadcast)
    nothing = {"orders": 0, "orders_on_air": 0, "pieces": 0, "revenue": 0}
    rows = []
    for item in broadcast.lineup.select_related("product"):
        numbers = sold.get(item.product_id, nothing)
        openers = opened.get(item.product_id, 0)
        rows.append(
            ProductRow(
                product=item.product,
                shown_for=shown.get(item.product_id, timedelta()),
                openers=openers,
                carts=carts.get(item.product_id, 0),
                conversion=round(100 * numbers["orders_on_air"] / openers, 1) if openers else None,
                orders=numbers["orders"],
                pieces=numbers["pieces"],
                revenue=numbers["revenue"],
            )
        )
    return rows


def _begun_on_air(broadcast: Broadcast) -> Q:
    """Order lines whose order was begun during the show, as those who are counted opened the sheet then."""
    return Q(
        order__created_at__gte=broadcast.started_at or broadcast.created_at,
        order__created_at__lt=broadcast.ended_at or timezone.now(),
    )
