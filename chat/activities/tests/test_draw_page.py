"""The page of a draw: all of it afterwards, only the promise before."""

import pytest
from django.core.paginator import Page
from django.urls import reverse

from chat.activities.answering import give_answer
from chat.activities.closing import close_activity
from chat.activities.draws import list_digest_of
from chat.activities.models import Activity, Answer
from chat.activities.tests.makers import make_draw, make_guests, make_poll
from chat.activities.views import TICKETS_PER_PAGE

pytestmark = pytest.mark.django_db


def page_of(draw, **query):
    return reverse("chat:draw", args=[draw.broadcast.code, draw.code], query=query)


def list_of(draw):
    return reverse("chat:draw_tickets", args=[draw.broadcast.code, draw.code])


def closed_draw(show, entries):
    draw = make_draw(show)
    for member in make_guests(entries):
        give_answer(draw.pk, member, None)
    close_activity(draw.pk, by=None)
    draw.refresh_from_db()
    return draw


def test_while_it_is_open_only_the_promise_is_shown(client, show):
    draw, [member] = make_draw(show), make_guests(1)
    ticket = give_answer(draw.pk, member, None).ticket
    page = client.get(page_of(draw)).content.decode()
    assert draw.commitment in page
    assert draw.seed not in page
    assert ticket not in page
    assert client.get(list_of(draw)).status_code == 404


def test_afterwards_anybody_has_all_it_takes(client, show):
    draw = closed_draw(show, 5)
    page = client.get(page_of(draw)).content.decode()
    for part in (draw.seed, draw.commitment, draw.list_digest, *(win["ticket"] for win in draw.winners)):
        assert part in page
    assert "손**" in page
    assert "손3" not in page  # whole names stay with the seller
    tickets = client.get(list_of(draw)).content.decode().split("\n")
    assert sorted(tickets) == tickets == sorted(Answer.objects.values_list("ticket", flat=True))
    assert list_digest_of(tickets) == draw.list_digest


def test_long_lists_come_in_pages(client, show, django_assert_max_num_queries):
    draw = closed_draw(show, 3)
    guests = make_many(TICKETS_PER_PAGE)
    Answer.objects.bulk_create(
        Answer(activity=draw, member=guest, answered_at=draw.opened_at) for guest in guests
    )
    with django_assert_max_num_queries(20):
        page = client.get(page_of(draw)).context["page"]
    assert isinstance(page, Page)
    assert len(page) == TICKETS_PER_PAGE
    assert len(client.get(page_of(draw, page=2)).context["page"]) == 3


def make_many(count):
    from accounts.models import User

    User.objects.bulk_create(
        User(username=f"many{n}", nickname=f"많{n}", email=f"many{n}@example.com") for n in range(count)
    )
    return User.objects.filter(username__startswith="many")


def test_nobody_took_part(client, show):
    draw = closed_draw(show, 0)
    assert "참여한 사람이 없어서" in client.get(page_of(draw)).content.decode()
    assert client.get(list_of(draw)).content == b""


def test_every_draw_of_the_show_is_named(client, show):
    first = closed_draw(show, 0)
    second = make_draw(show, question="두 번째")
    assert page_of(second) in client.get(page_of(first)).content.decode()
    assert page_of(first) in client.get(page_of(second)).content.decode()


def test_a_poll_has_no_such_page(client, show):
    poll = make_poll(show)
    assert client.get(page_of(poll)).status_code == 404
    close_activity(poll.pk, by=None)
    assert client.get(list_of(poll)).status_code == 404


def test_the_admin_does_not_show_the_seed(client, show):
    from tests.makers import make_member

    draw = make_draw(show)
    client.force_login(make_member(is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:activities_activity_change", args=[draw.pk])).content.decode()
    assert draw.commitment in page
    assert Activity.objects.get().seed not in page
