from uuid import uuid4

import pytest
from django.urls import reverse

from chat.actions import say
from chat.models import Message
from tests.makers import make_broadcast, make_member


@pytest.fixture
def staff(client, db):
    member = make_member(is_staff=True, is_superuser=True)
    client.force_login(member)
    return client


def test_staff_find_messages_by_text_and_writer(staff):
    show = make_broadcast(make_member(), status="live")
    writer = make_member(nickname="글쓴이")
    say(show.code, writer, key=uuid4(), text="찾을 말")
    say(show.code, make_member(), key=uuid4(), text="다른 말")
    for words in ("찾을", "글쓴이"):
        page = staff.get(reverse("admin:chat_message_changelist"), {"q": words}).content.decode()
        assert "찾을 말" in page
        assert "다른 말" not in page


def test_the_list_takes_as_many_queries_for_many_as_for_one(staff, django_assert_max_num_queries):
    show = make_broadcast(make_member(), status="live")
    address = reverse("admin:chat_message_changelist")
    say(show.code, make_member(), key=uuid4(), text="하나")
    with django_assert_max_num_queries(12) as first:
        staff.get(address)
    for _ in range(5):
        say(show.code, make_member(), key=uuid4(), text="더")
    with django_assert_max_num_queries(len(first)):
        staff.get(address)


def test_nobody_changes_or_deletes_what_was_said(staff):
    show = make_broadcast(make_member(), status="live")
    say(show.code, make_member(), key=uuid4(), text="그대로")
    message = Message.objects.get()
    assert staff.get(reverse("admin:chat_message_add")).status_code == 403
    assert staff.post(reverse("admin:chat_message_delete", args=[message.pk])).status_code == 403
    assert (
        staff.post(reverse("admin:chat_message_change", args=[message.pk]), {"text": "x"}).status_code == 403
    )
    message.refresh_from_db()
    assert message.text == "그대로"
