import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from media_pipeline.models import ProviderEvent
from tests.makers import make_member

pytestmark = pytest.mark.django_db
LIST = "admin:media_pipeline_providerevent_changelist"
Status = ProviderEvent.Status


def keep(number, **fields):
    values = {
        "source": "test.provider",
        "event_id": f"e{number}",
        "type": "Test",
        "envelope": {"detail": {"text": "<b>안녕</b>"}},
        "status": Status.FAILED,
        "attempts": 12,
        "error": "NotYet: no channel",
    }
    return ProviderEvent.objects.create(**(values | fields))


def staff(*codenames, **fields):
    member = make_member(is_staff=True, **fields)
    member.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return member


def try_again(client, *events):
    chosen = {"action": "try_again", "_selected_action": [event.pk for event in events]}
    return client.post(reverse(LIST), chosen, follow=True)


def test_staff_have_failed_and_unknown_events_applied_again(
    client, django_capture_on_commit_callbacks, monkeypatch
):
    called = []
    monkeypatch.setattr("media_pipeline.tasks.apply_waiting_events.delay", lambda: called.append(1))
    failed, unknown = keep(1), keep(2, status=Status.UNKNOWN)
    applied, malformed = keep(3, status=Status.APPLIED), keep(4, status=Status.MALFORMED)
    client.force_login(staff(is_superuser=True))
    with django_capture_on_commit_callbacks(execute=True):
        page = try_again(client, failed, unknown, applied, malformed).content.decode()
    assert "2건을 다시 처리하도록" in page
    assert "2건은 이미" in page
    assert called == [1]
    now = dict(ProviderEvent.objects.values_list("event_id", "status"))
    assert now == {"e1": "waiting", "e2": "waiting", "e3": "applied", "e4": "malformed"}
    failed.refresh_from_db()
    assert (failed.attempts, failed.error, failed.due_at) == (0, "", None)


def test_who_may_only_look_cannot_have_them_applied(client):
    event = keep(1)
    client.force_login(staff("view_providerevent"))
    assert client.get(reverse(LIST)).status_code == 200
    try_again(client, event)
    event.refresh_from_db()
    assert event.status == Status.FAILED


def test_members_do_not_see_the_inbox(client):
    event = keep(1)
    client.force_login(make_member())
    assert client.get(reverse(LIST)).status_code == 302
    try_again(client, event)
    event.refresh_from_db()
    assert event.status == Status.FAILED


def test_the_list_says_what_is_wrong_and_can_be_narrowed(client):
    keep(1)
    keep(2, status=Status.APPLIED, error="", source="other.provider")
    client.force_login(staff("view_providerevent"))
    page = client.get(reverse(LIST), {"status__exact": "failed"}).content.decode()
    assert "NotYet: no channel" in page
    assert ">12<" in page
    assert ">other.provider</td>" not in page


def test_an_envelope_is_shown_as_text_and_cannot_be_changed(client):
    event = keep(1)
    client.force_login(staff("view_providerevent"))
    page = client.get(reverse("admin:media_pipeline_providerevent_change", args=[event.pk])).content.decode()
    assert "&lt;b&gt;안녕&lt;/b&gt;" in page
    assert 'name="_save"' not in page


def test_the_list_takes_as_many_queries_for_many_events_as_for_one(client, django_assert_num_queries):
    client.force_login(staff("view_providerevent"))
    keep(0)
    client.get(reverse(LIST))
    with CaptureQueriesContext(connection) as for_one:
        client.get(reverse(LIST))
    for number in range(1, 30):
        keep(number)
    with django_assert_num_queries(len(for_one)):
        client.get(reverse(LIST))
