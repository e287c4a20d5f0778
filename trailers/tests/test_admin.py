"""Staff look at everything, change nothing by hand, and hide comments with a reason."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.makers import make_member, make_trailer
from trailers.actions import start_broadcast_from
from trailers.comment_actions import write_comment
from trailers.models import Comment, ReminderDelivery
from trailers.reminders import ask_for_reminder

pytestmark = pytest.mark.django_db
MODELS = ["trailer", "comment", "reminderdelivery"]


@pytest.fixture
def staff(client):
    member = make_member(is_staff=True, is_superuser=True)
    client.force_login(member)
    return member


def add_one():
    trailer = make_trailer(make_member())
    comment = write_comment(trailer, author=make_member(), text="광고예요", key=uuid4())
    reminder = ask_for_reminder(trailer, member=make_member())
    delivery = ReminderDelivery.objects.create(
        reminder=reminder, channel="mail", occasion="30m", schedule_version=0, due_at=timezone.now()
    )
    return {"trailer": trailer, "comment": comment, "reminderdelivery": delivery}


def url(model, page, *args):
    return reverse(f"admin:trailers_{model}_{page}", args=args)


def act(client, model, action, rows, **data):
    data |= {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(url(model, "changelist"), data)


@pytest.mark.parametrize("model", MODELS)
def test_staff_look_and_do_not_touch(client, staff, model):
    row = add_one()[model]
    assert client.get(url(model, "changelist"), {"q": "닉네임"}).status_code == 200
    assert client.get(url(model, "change", row.pk)).status_code == 200
    assert client.post(url(model, "change", row.pk), {}).status_code == 403
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_with_many(client, staff, model):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(model, "changelist")).status_code == 200
        return len(captured)

    add_one()
    few = queries()
    for _ in range(4):
        add_one()
    assert queries() == few


def test_hiding_comments_needs_a_reason_and_keeps_it(client, staff):
    comment = add_one()["comment"]
    act(client, "comment", "hide", [comment], reason=" ")
    comment.refresh_from_db()
    assert comment.deleted_at is None
    act(client, "comment", "hide", [comment], reason="도배")
    comment.refresh_from_db()
    assert (comment.deleted_by, comment.deletion_reason) == (staff, "도배")
    assert comment not in Comment.objects.shown()
    entry = comment.trailer.log.get(type="comment.deleted")
    assert (entry.by, entry.details["reason"]) == (staff, "도배")


def test_cancelling_by_staff(client, staff):
    waiting, started = add_one()["trailer"], add_one()["trailer"]
    start_broadcast_from(started.pk, by=started.seller)
    act(client, "trailer", "cancel", [waiting, started])
    waiting.refresh_from_db()
    started.refresh_from_db()
    assert (waiting.status, started.status) == ("cancelled", "started")
    assert waiting.log.get(type="trailer.cancelled").by == staff


def test_staff_without_the_permission_act_on_nothing(client):
    client.force_login(make_member(is_staff=True))
    rows = add_one()
    act(client, "trailer", "cancel", [rows["trailer"]])
    act(client, "comment", "hide", [rows["comment"]], reason="도배")
    rows["trailer"].refresh_from_db()
    rows["comment"].refresh_from_db()
    assert (rows["trailer"].status, rows["comment"].deleted_at) == ("scheduled", None)
