"""What a giver keeps: a mail, a page, and a list of what was given and came back."""

import pytest
from django.core import mail
from django.urls import reverse

from chat.support import mails
from chat.support.actions import refund_support
from chat.support.models import SupportMessage
from chat.support.tests.makers import begin, pay
from orders.models import Payment, Refund, SandboxPayment
from orders.paying import settle_refund
from tests.makers import make_broadcast, make_member

GIVEN = reverse("chat:given_support")


@pytest.fixture
def post(monkeypatch, django_capture_on_commit_callbacks):
    """Do something, run the mails it queues, and return them."""
    for task in (mails.mail_received, mails.mail_refund):
        monkeypatch.setattr(task, "delay", task.run)

    def run(action, *arguments, **options):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action(*arguments, **options)
        return list(mail.outbox)

    return run


def give_back(message):
    refund_support(message, reason="잘못 보냈어요")
    return Refund.objects.get(payment__checkout=message.pk)


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_giver_gets_a_receipt_once(show, giver, post):
    message = begin(show, giver, text="오늘도 <최고>예요")
    (receipt,) = post(pay, message)
    assert receipt.to == [giver.email]
    assert receipt.subject.endswith("10,000원을 후원했어요")
    for fact in (
        "하늘상점 님에게",
        show.title,
        "오늘도 <최고>예요",
        f"/live/{show.code}/support/{message.code}/",
    ):
        assert fact in receipt.body
    assert post(pay, begin(show, giver), SandboxPayment.Choice.FAIL) == []


def test_a_message_without_words_has_none_in_its_receipt(show, giver, post):
    (receipt,) = post(pay, begin(show, giver, text=""))
    assert "전한 말" not in receipt.body


def test_who_left_gets_no_mail(show, giver, post):
    message = begin(show, giver)
    giver.is_active = False
    giver.save()
    assert post(pay, message) == []


def test_the_giver_is_told_when_the_money_is_back(show, giver, post):
    refund = give_back(pay(begin(show, giver)))
    (told,) = post(settle_refund, refund.pk)
    assert (told.to, told.subject) == ([giver.email], "후원금 10,000원을 환불했어요")
    assert "잘못 보냈어요" in told.body
    assert post(settle_refund, refund.pk) == []


def test_money_that_never_was_a_message_is_not_told_as_one(show, giver, post):
    message = begin(show, giver)
    assert post(pay, message, SandboxPayment.Choice.WRONG) == []
    refund = Refund.objects.get(payment__status=Payment.Status.STRAY)
    assert post(settle_refund, refund.pk) == []


def test_the_list_holds_what_was_paid_and_what_came_back(client, show, giver):
    pay(begin(show, make_member()))
    begin(show, giver, text="안 낸 말")
    kept, underway, back = (pay(begin(show, giver, text=text)) for text in ("하나", "둘", "셋"))
    give_back(underway)
    settle_refund(give_back(back).pk)
    client.force_login(giver)
    answer = client.get(GIVEN)
    assert [(row, row.is_back) for row in answer.context["page"]] == [
        (back, True),
        (underway, False),
        (kept, False),
    ]
    page = text_of(answer)
    states = ("환불 완료", "환불 중", "후원 완료")
    assert [page.count(state) for state in states] == [1, 1, 1]
    assert sorted(states, key=page.index) == list(states)
    assert "안 낸 말" not in page


def test_its_page_says_what_became_of_it(client, show, giver):
    message = pay(begin(show, giver))
    client.force_login(giver)
    url = reverse("chat:support_message", args=[show.code, message.code])
    for fact in ("10,000원을 후원했어요", "하늘상점", show.title, "응원해요!"):
        assert fact in text_of(client.get(url))
    refund = give_back(message)
    assert "후원금 10,000원을 환불하고 있어요" in text_of(client.get(url))
    settle_refund(refund.pk)
    page = text_of(client.get(url))
    assert "후원금 10,000원을 환불했어요" in page
    assert "10,000원을 후원했어요" not in page


def test_a_payment_page_that_failed_leads_back_only_while_one_can_give(client, show, giver):
    message = pay(begin(show, giver), SandboxPayment.Choice.FAIL)
    client.force_login(giver)
    url = reverse("chat:support_message", args=[show.code, message.code])
    assert "다시 후원하기" in text_of(client.get(url))
    show.status = "ended"
    show.save()
    assert "다시 후원하기" not in text_of(client.get(url))


def test_my_page_leads_to_the_list_which_is_empty_at_first(client, giver):
    client.force_login(giver)
    assert GIVEN in text_of(client.get(reverse("accounts:me")))
    assert "아직 후원이 없어요" in text_of(client.get(GIVEN))


def test_a_long_list_comes_in_pages_and_takes_no_more_queries(
    client, show, giver, django_assert_max_num_queries
):
    pay(begin(show, giver))
    client.force_login(giver)
    with django_assert_max_num_queries(12) as few:
        client.get(GIVEN)
    for _ in range(21):
        other = make_broadcast(make_member(), status="live")
        pay(begin(other, giver))
    with django_assert_max_num_queries(len(few)):
        assert len(client.get(GIVEN).context["page"]) == 20
    assert len(client.get(GIVEN, {"page": 2}).context["page"]) == 2
    assert SupportMessage.objects.count() == 22
