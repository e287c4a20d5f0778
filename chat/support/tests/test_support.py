"""Support messages: paid once, shown by the host, given back by staff; and who may do what."""

from uuid import uuid4

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import Broadcast, Moderator
from chat.moderation.restricting import ban
from chat.questions import actions as questions
from chat.questions.models import Screen
from chat.questions.refusals import NotOnAir
from chat.refusals import Banned, TextTooLong
from chat.support.actions import NotPaid, refund_support, show_support
from chat.support.admin import SupportMessageAdmin
from chat.support.models import SupportMessage
from chat.support.tests.makers import begin, pay
from orders.ledger.walk import walk
from orders.models import Payment, Refund, SandboxPayment, Transfer
from orders.paying import settle_refund
from orders.tips import BadTip, NothingToRefund
from tests.makers import make_member

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
Choice = SandboxPayment.Choice


def html(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def test_the_host_shows_a_paid_message(show, giver, host):
    message = pay(begin(show, giver))
    assert show_support(message, by=host)
    assert not show_support(message, by=host)
    screen = Screen.objects.get()
    assert (screen.kind, screen.item, screen.text) == ("support", message.code, "응원해요!")
    assert (screen.name, screen.amount) == ("고마운이", 10_000)
    questions.take_down(show.pk, by=host)
    screen.refresh_from_db()
    assert (screen.item, screen.amount) == ("", None)
    assert show_support(message, by=host)


def test_question_and_message_take_turns(show, giver, host):
    question = questions.ask(show.pk, make_member(), text="얼마예요?")
    questions.show_question(question, by=host)
    show_support(pay(begin(show, giver)), by=host)
    question.refresh_from_db()
    assert question.status == "answered"
    then = questions.ask(show.pk, make_member(), text="언제 와요?")
    questions.show_question(then, by=host)
    assert Screen.objects.get().item == then.code


@pytest.mark.parametrize("choice", [None, Choice.FAIL, Choice.WRONG])
def test_what_was_not_paid_is_not_shown(show, giver, host, choice):
    message = begin(show, giver)
    if choice:
        pay(message, choice)
    with pytest.raises(NotPaid):
        show_support(message, by=host)
    assert not SupportMessage.objects.paid().exists()


def test_nothing_is_shown_or_given_after_the_end(show, giver, host):
    message = pay(begin(show, giver))
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=timezone.now())
    with pytest.raises(NotOnAir):
        show_support(message, by=host)
    show.refresh_from_db()
    with pytest.raises(BadTip):
        begin(show, giver)


def test_the_words_are_as_short_as_the_card(show, giver):
    assert begin(show, giver, text="  ").text == ""
    with pytest.raises(TextTooLong):
        begin(show, giver, text="가" * 101)


def test_who_may_not_chat_sends_no_words_either(show, giver, host):
    ban(show, giver, by=host)
    with pytest.raises(Banned):
        begin(show, giver)


def test_the_same_key_is_the_same_message(show, giver):
    key = uuid4()
    assert begin(show, giver, key=key) == begin(show, giver, key=key)
    assert SupportMessage.objects.count() == 1


def test_staff_give_the_money_back_once(show, giver, host):
    message = pay(begin(show, giver))
    show_support(message, by=host)
    assert refund_support(message, reason="잘못 보냈어요")
    assert not refund_support(message, reason="잘못 보냈어요")
    assert Screen.objects.get().item == ""
    settle_refund(Refund.objects.get().pk)
    assert sum(row.to_seller for row in Transfer.objects.of_seller(host.pk)) == 0
    assert list(walk()) == []
    with pytest.raises(NotPaid):
        show_support(message, by=host)
    with pytest.raises(NothingToRefund):
        refund_support(begin(show, make_member()), reason="안 냈어요")


def test_only_staff_with_the_right_may_refund(rf):
    admin = SupportMessageAdmin(SupportMessage, site)
    request = rf.get("/")
    for member, may in ((make_member(is_staff=True), False), (make_member(is_superuser=True), True)):
        request.user = member
        assert admin.has_refund_permission(request) is may


def test_a_member_gives_from_the_watch_page(client, show, giver, host):
    client.force_login(giver)
    url = reverse("chat:support", args=[show.code])
    assert "후원하기" in html(client.get(url, **HTMX))
    said = {"amount": 5_000, "text": "최고예요", "method": "sandbox", "key": str(uuid4())}
    page = html(client.post(url, said, **HTMX))
    assert "<iframe" in page
    message = SupportMessage.objects.get()
    state = reverse("chat:support_message", args=[show.code, message.code])
    assert state in page
    assert "결제를 확인하고 있어요" in html(client.get(state, **HTMX))
    html(client.post(url, said, **HTMX))
    sandbox = SandboxPayment.objects.get()
    back = client.post(reverse("orders:sandbox", args=[sandbox.ref]), {"outcome": "succeed"})
    assert "결제가 끝났어요" in html(client.get(back.headers["Location"]))
    assert "5,000원을 후원했어요" in html(client.get(state, **HTMX))
    assert "5,000원을 후원했어요" in html(client.get(state))
    assert Payment.objects.get().status == "confirmed"
    client.force_login(host)
    assert "최고예요" in html(client.get(reverse("chat:support_queue", args=[show.code]), **HTMX))
    page = html(client.post(reverse("chat:show_support", args=[show.code, message.code]), **HTMX))
    assert "화면에 나갔어요" in page


@pytest.mark.parametrize("amount", ["999", "1000001", "-5", "x", ""])
def test_a_bad_amount_is_told_in_place(client, show, giver, amount):
    client.force_login(giver)
    said = {"amount": amount, "text": "", "method": "sandbox", "key": str(uuid4())}
    page = html(client.post(reverse("chat:support", args=[show.code]), said, **HTMX), 422)
    assert 'aria-invalid="true"' in page
    assert not SupportMessage.objects.exists()


def test_others_see_and_do_nothing(client, show, giver):
    message = pay(begin(show, giver))
    other = make_member()
    Moderator.objects.create(channel=make_member().channel, member=other)
    client.force_login(other)
    assert client.get(reverse("chat:support_message", args=[show.code, message.code])).status_code == 404
    assert client.get(reverse("chat:support_queue", args=[show.code])).status_code == 403
    assert client.post(reverse("chat:show_support", args=[show.code, message.code])).status_code == 403
    assert not Screen.objects.filter(item=message.code).exists()


def test_a_moderator_shows_messages(client, show, giver):
    message = pay(begin(show, giver))
    keeper = make_member()
    Moderator.objects.create(channel=show.channel, member=keeper)
    client.force_login(keeper)
    html(client.post(reverse("chat:show_support", args=[show.code, message.code]), **HTMX))
    assert Screen.objects.get().item == message.code


def test_the_control_rooms_hear_of_it(show, giver, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr(
        "chat.support.receivers.send_on_commit", lambda room, event: told.append((room, event))
    )
    with django_capture_on_commit_callbacks(execute=True):
        pay(begin(show, giver))
    [(room, event)] = told
    assert (room, event.version) == (show.code, 1)
