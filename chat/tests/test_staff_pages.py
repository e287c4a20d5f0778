"""What staff look things up in: lists of everything a show leaves behind, changed by nobody."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from broadcasts.chapters.models import Chapter
from broadcasts.clips.files import delete_loose_files
from broadcasts.clips.models import Clip
from broadcasts.tests.shows import START, record
from chat.activities.models import Activity
from chat.questions import actions as questions
from chat.questions.models import Question, QuestionLog
from chat.support.actions import begin_support
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    return client


def chapter(show, words):
    at = START + timedelta(seconds=show.chapters.count())
    return Chapter.objects.create(
        broadcast=show, at=at, title=words, product=show.lineup.get().product, source="question"
    )


def clip(show, words):
    recording = show.recordings.first() or record(show)
    return Clip.objects.create(
        broadcast=show, recording=recording, title=words, asked_from_ms=0, asked_to_ms=10_000
    )


def question(show, words):
    return questions.ask(show.pk, make_member(), text=words)


def support(show, words):
    return begin_support(make_member(), show, amount=10_000, text=words, key=uuid4())


def activity(show, words):
    now = timezone.now()
    return Activity.objects.create(
        broadcast=show, kind="poll", question=words, status="closed", opened_at=now, closes_at=now, version=1
    )


KINDS = pytest.mark.parametrize(
    ("make", "page"),
    [
        (chapter, "chapters_chapter"),
        (clip, "clips_clip"),
        (question, "questions_question"),
        (support, "support_supportmessage"),
        (activity, "activities_activity"),
    ],
)


def make_show():
    return make_broadcast(make_member(), status="live", started_at=timezone.now())


@KINDS
def test_staff_find_what_belongs_to_a_show(staff, make, page):
    show, other = make_show(), make_show()
    make(show, "찾을 말")
    make(other, "다른 말")
    for words in (show.code, "찾을 말"):
        found = staff.get(reverse(f"admin:{page}_changelist"), {"q": words}).content.decode()
        assert "찾을 말" in found
        assert "다른 말" not in found


@KINDS
def test_many_take_the_same_queries_and_come_in_pages(staff, make, page, django_assert_max_num_queries):
    address = reverse(f"admin:{page}_changelist")
    make(make_show(), "하나")
    with django_assert_max_num_queries(14) as first:
        assert staff.get(address).context["cl"].paginator.per_page == 100
    for number in range(4):
        make(make_show(), f"더 {number}")
    with django_assert_max_num_queries(len(first)):
        staff.get(address)


@KINDS
def test_nobody_writes_one_changes_one_or_deletes_one(staff, make, page):
    row = make(make_show(), "그대로")
    view = reverse(f"admin:{page}_change", args=[row.pk])
    assert "그대로" in staff.get(view).content.decode()
    assert staff.post(view, {"title": "x"}).status_code == 403
    assert staff.get(reverse(f"admin:{page}_add")).status_code == 403
    assert staff.post(reverse(f"admin:{page}_delete", args=[row.pk])).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    staff.post(reverse(f"admin:{page}_changelist"), chosen)
    assert "그대로" in staff.get(view).content.decode()


@KINDS
def test_others_see_none_of_it(client, make, page):
    make(make_show(), "비밀")
    client.force_login(make_member())
    assert client.get(reverse(f"admin:{page}_changelist")).status_code == 302
    client.force_login(make_member(is_staff=True))  # staff without the permission
    assert client.get(reverse(f"admin:{page}_changelist")).status_code == 403


def test_the_past_of_a_question_takes_one_query(staff, django_assert_max_num_queries):
    asked = question(make_show(), "질문")
    view = reverse("admin:questions_question_change", args=[asked.pk])
    with django_assert_max_num_queries(20) as first:
        staff.get(view)
    for _ in range(5):
        QuestionLog.objects.create(question=asked, type="question.dismissed", by=make_member())
    with django_assert_max_num_queries(len(first)):
        staff.get(view)
    assert Question.objects.get().status == "waiting"


def test_a_chapter_is_taken_out_of_the_replay(staff):
    row = chapter(make_show(), "나쁜 제목")
    chosen = {"action": "remove", "_selected_action": [row.pk]}
    staff.post(reverse("admin:chapters_chapter_changelist"), chosen)
    row.refresh_from_db()
    assert row.hidden  # the show made it: the report goes on counting it
    assert LogEntry.objects.count() == 1


def test_a_clip_goes_with_its_files_once_staff_are_sure(staff, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    row = clip(make_show(), "나쁜 클립")
    key = default_storage.save("previews/clips/bad.mp4", ContentFile(b"film"))
    Clip.objects.filter(pk=row.pk).update(status="ready", storage_key=key)
    address = reverse("admin:clips_clip_changelist")
    chosen = {"action": "remove", "_selected_action": [row.pk]}
    assert "나쁜 클립" in staff.post(address, chosen).content.decode()
    assert Clip.objects.exists()
    staff.post(address, chosen | {"sure": "1"})
    assert not Clip.objects.exists()
    assert delete_loose_files() == 1
    assert not default_storage.exists(key)
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(("make", "page"), [(chapter, "chapters_chapter"), (clip, "clips_clip")])
def test_who_may_only_look_takes_nothing_away(client, make, page):
    row = make(make_show(), "그대로")
    looker = make_member(is_staff=True)
    app, model = page.split("_")
    looker.user_permissions.add(Permission.objects.get(codename=f"view_{model}", content_type__app_label=app))
    client.force_login(looker)
    chosen = {"action": "remove", "_selected_action": [row.pk], "sure": "1"}
    client.post(reverse(f"admin:{page}_changelist"), chosen)
    assert type(row).objects.filter(pk=row.pk, **({"hidden": False} if make is chapter else {})).exists()
