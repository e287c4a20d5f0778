"""The card of what was shown: complete, and never another one."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast, Recording, StreamSession
from broadcasts.recordings import replay_moment
from catalog.models import Product, ShippingRule
from orders.evidence import digest_of, is_unchanged
from orders.models import Evidence
from orders.models.order import NeverChanged
from orders.tests.shop import open_shop


def test_it_has_the_terms_of_every_line_and_who_sold_it(shop):
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=3_000, free_from=50_000)
    Product.objects.update(
        shipping=rule, return_terms="택을 떼면 반품할 수 없어요", description="<p>울 100%</p>"
    )
    shop.product.refresh_from_db()
    User.objects.filter(pk=shop.seller.pk).update(kind="business")
    shop.broadcast.lineup.update(live_price=9_900)
    card = shop.sell().evidence.card
    (line,) = card["lines"]
    assert (line["unit_price"], line["regular_price"], line["price_kind"]) == (9_900, 12_900, "live")
    assert (line["return_days"], line["return_terms"]) == (7, "택을 떼면 반품할 수 없어요")
    assert line["shipping_rule"] == {"name": "택배", "fee": 3_000, "free_from": 50_000, "remote_fee": 0}
    assert len(line["description_digest"]) == 64
    assert line["variant"] == shop.variant.code
    assert card["seller"]["email"] == shop.seller.email
    assert card["seller"]["address"] == "서울 중구 세종대로 110 1층"


def test_of_a_person_no_more_is_kept_than_is_shown(shop):
    assert set(shop.sell().evidence.card["seller"]) == {"code", "nickname", "name", "kind"}


def test_no_way_of_the_program_changes_it(shop):
    evidence = shop.sell().evidence
    evidence.card["goods"] = 1
    for change in (
        evidence.save,
        evidence.delete,
        lambda: Evidence.objects.update(card={}),
        lambda: Evidence.objects.filter(pk=evidence.pk).delete(),
        lambda: Evidence.objects.bulk_update([evidence], ["card"]),
    ):
        with pytest.raises(NeverChanged), transaction.atomic():
            change()
    kept = Evidence.objects.get(pk=evidence.pk)
    assert kept.card["goods"] == 12_900
    assert is_unchanged(kept)
    assert not is_unchanged(evidence)
    assert kept.digest == digest_of(kept.card)


def record(broadcast, *streams, status="ready"):
    """Write a recording of streams given as (start, end) in seconds of the show."""
    ids, zero = [], broadcast.started_at
    for start, end in streams:
        stream = StreamSession.objects.create(
            channel=broadcast.channel,
            stream_id=f"s{broadcast.pk}-{start}",
            started_at=zero + timedelta(seconds=start),
            ended_at=zero + timedelta(seconds=end),
        )
        ids.append(stream.stream_id)
    length = sum(end - start for start, end in streams) * 1000
    return Recording.objects.create(
        channel=broadcast.channel,
        broadcast=broadcast,
        session_id=f"r{broadcast.pk}-{ids[0]}",
        status=status,
        started_at=zero + timedelta(seconds=streams[0][0]),
        ended_at=zero + timedelta(seconds=streams[-1][1]),
        duration_ms=length,
        stream_ids=ids,
        starts_at_ms=max(0, -streams[0][0]) * 1000,
    )


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (10, (1, 10_000)),
        (59, (1, 59_000)),
        (70, (1, 60_000)),  # in the gap: where the picture stopped
        (100, (1, 70_000)),  # ten seconds after it came back
        (500, (2, 20_000)),
        (470, (1, 120_000)),  # between the parts: the end of the one before
    ],
)
def test_a_moment_is_found_in_the_replay_whatever_gaps_it_has(db, seconds, expected):
    show = open_shop().broadcast
    record(show, (-30, 60), (90, 150))
    record(show, (480, 600))
    Broadcast.objects.filter(pk=show.pk).update(
        status="ended", ended_at=show.started_at + timedelta(minutes=10)
    )
    show.refresh_from_db()
    assert replay_moment(show, show.started_at + timedelta(seconds=seconds)) == expected


def test_without_a_replay_there_is_no_moment_in_it(shop):
    assert replay_moment(shop.broadcast, timezone.now()) is None
    record(shop.broadcast, (0, 60))
    assert replay_moment(shop.broadcast, timezone.now()) is None  # still on air
