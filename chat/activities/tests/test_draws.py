"""Draws: committed to, closed, decided as docs/draws.md says."""

import hashlib
import re
from pathlib import Path

import pytest

from chat.activities.answering import BuyersOnly, NotForKeepers, Over, give_answer
from chat.activities.closing import close_activity
from chat.activities.draws import commitment_of, drawn, list_digest_of
from chat.activities.models import Activity, Answer
from chat.activities.tests.makers import make_draw, make_guests
from orders.models import Order
from orders.tests.shop import open_shop

PAGE = Path(__file__).parents[3] / "docs" / "draws.md"


def example() -> dict[str, list[str]]:
    rows = re.findall(r"^\| ([\w ]+) \| (`.*) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    return {name: re.findall("`(.*?)`", value) for name, value in rows}


def test_the_example_of_the_docs_is_what_we_do():
    told = example()
    [seed], tickets = told["seed"], told["tickets"]
    assert [commitment_of(seed)] == told["commitment"]
    assert [list_digest_of(tickets)] == told["digest of the list"]
    assert drawn(seed, tickets, 2) == told["first"] + told["second"]


def test_the_program_in_the_docs_decides_the_same():
    [program] = re.findall("```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    names: dict[str, object] = {}
    exec(program, names)  # noqa: S102 our own page
    told = example()
    assert names["decide"](told["seed"][0], told["tickets"], 2) == told["first"] + told["second"]


def test_the_order_of_entries_does_not_matter():
    tickets = [f"ticket{number}" for number in range(50)]
    assert drawn("00", tickets, 5) == drawn("00", tickets[::-1], 5)
    assert len(set(drawn("00", tickets, 5))) == 5
    assert drawn("00", tickets, 99) == drawn("00", tickets, 50)
    assert drawn("00", [], 3) == []


def test_every_ticket_wins_about_as_often():
    tickets = [f"ticket{number}" for number in range(10)]
    wins = [drawn(f"{seed:064x}", tickets, 1)[0] for seed in range(2000)]
    assert all(150 < wins.count(ticket) < 250 for ticket in tickets)


def test_the_commitment_is_told_at_once_and_the_seed_at_the_end(show, told):
    draw = make_draw(show)
    assert told[0].commitment == draw.commitment
    assert told[0].seed == ""
    close_activity(draw.pk, by=None)
    assert hashlib.sha256(told[1].seed.encode()).hexdigest() == draw.commitment
    assert re.fullmatch("[0-9a-f]{64}", told[1].seed)


def test_the_seed_is_not_readable_in_the_database(show):
    draw = make_draw(show)
    assert draw.seed not in Activity.objects.extra(select={"raw": "seed"}).values_list("raw", flat=True)


def test_winners_follow_from_seed_and_list(show, told):
    draw = make_draw(show, places=3)
    tickets = [give_answer(draw.pk, member, None).ticket for member in make_guests(8)]
    close_activity(draw.pk, by=None)
    draw.refresh_from_db()
    assert draw.list_digest == list_digest_of(tickets)
    assert [winner["ticket"] for winner in draw.winners] == drawn(draw.seed, tickets, 3)
    assert [winner.ticket for winner in told[-1].winners] == drawn(draw.seed, tickets, 3)
    assert {winner.name for winner in told[-1].winners} == {"손**"}
    assert told[-1].counts == [8]


def test_a_draw_is_decided_once(show):
    draw, guests = make_draw(show, places=1), make_guests(4)
    for member in guests[:3]:
        give_answer(draw.pk, member, None)
    close_activity(draw.pk, by=None)
    before = Activity.objects.values().get()
    with pytest.raises(Over):
        give_answer(draw.pk, guests[3], None)
    assert not close_activity(draw.pk, by=show.channel.member)
    assert Activity.objects.values().get() == before
    assert Answer.objects.count() == 3


def test_a_member_has_one_ticket(show):
    draw, [member] = make_draw(show), make_guests(1)
    assert give_answer(draw.pk, member, None).ticket == give_answer(draw.pk, member, None).ticket
    assert Answer.objects.count() == 1


def test_the_seller_does_not_take_part(show):
    draw = make_draw(show)
    with pytest.raises(NotForKeepers):
        give_answer(draw.pk, show.channel.member, None)


@pytest.mark.django_db
def test_for_buyers_only():
    shop = open_shop()
    [other] = make_guests(1)
    draw = make_draw(shop.broadcast, buyers_only=True)
    with pytest.raises(BuyersOnly):
        give_answer(draw.pk, shop.buyer, None)
    order = shop.sell()
    assert give_answer(draw.pk, shop.buyer, None).ticket
    with pytest.raises(BuyersOnly):
        give_answer(draw.pk, other, None)
    Answer.objects.all().delete()
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    with pytest.raises(BuyersOnly):
        give_answer(draw.pk, shop.buyer, None)
