"""The part of the order page about handing over in person: who sees the code, who types it, who gets in."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.access import GUEST_CHECKOUTS
from orders.models import Checkout, Dispute, Meeting, Order
from orders.second_hand.no_show import report_missed
from orders.tests.second_hand import code_for, meet, open_stall, wrong_code_for
from tests.makers import make_member

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}
ACTIONS = ["propose", "agree", "code", "received", "missed", "contest"]


@pytest.fixture
def order():
    return open_stall().sell()


def part(order):
    return reverse("orders:meeting", args=[order.code])


def act(client, order, action, **data):
    return client.post(reverse(f"orders:meeting_{action}", args=[order.code]), data, headers=PARTIAL)


def show(client, order, member):
    client.force_login(member)
    return client.get(part(order), headers=PARTIAL).content.decode()


def in_two_days():
    return timezone.localtime(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")


def test_only_the_buyer_sees_the_code(client, order):
    meet(order)
    code = code_for(order)
    assert code in show(client, order, order.buyer)
    assert code not in show(client, order, order.seller)


def test_a_meeting_from_proposal_to_hand_over(client, order):
    client.force_login(order.seller)
    response = act(client, order, "propose", place="합정역", at=in_two_days())
    assert "답을 기다리고" in response.content.decode()
    client.force_login(order.buyer)
    assert "이 약속 수락하기" in show(client, order, order.buyer)
    act(client, order, "agree", at=Meeting.objects.get().at.isoformat())
    client.force_login(order.seller)
    response = act(client, order, "code", code=code_for(order))
    assert "직거래가 끝났어요" in response.content.decode()
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_the_moment_in_the_page_is_the_moment_that_is_agreed_to(client, order):
    client.force_login(order.seller)
    act(client, order, "propose", place="합정역", at=in_two_days())
    html = show(client, order, order.buyer)
    value = html.split('name="at" value="', 1)[1].split('"', 1)[0]
    assert act(client, order, "agree", at=value).status_code == 200
    assert Meeting.objects.get().status == "agreed"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"place": "", "at": "2030-01-01T10:00"}, "장소를"),
        ({"place": "합정역", "at": "언젠가"}, "날짜와 시각"),
        ({"place": "합정역", "at": "2099-01-01T10:00"}, "30일 안의"),
    ],
)
def test_an_impossible_proposal_is_explained(client, order, data, words):
    client.force_login(order.buyer)
    response = act(client, order, "propose", **data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Meeting.objects.exists()


def test_a_wrong_code_is_explained(client, order):
    meet(order)
    client.force_login(order.seller)
    response = act(client, order, "code", code=wrong_code_for(order))
    assert response.status_code == 422
    assert "코드가 맞지 않아요" in response.content.decode()
    assert "여섯 자리" in act(client, order, "code", code="12").content.decode()
    assert Meeting.objects.get().wrong_tries == 1


def test_codes_are_typed_only_so_fast(client, order):
    meet(order)
    client.force_login(order.seller)
    answers = [act(client, order, "code", code="1").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_each_side_does_only_its_own(client, order):
    meet(order)
    client.force_login(order.buyer)
    assert act(client, order, "code", code=code_for(order)).status_code == 404
    client.force_login(order.seller)
    assert act(client, order, "received").status_code == 404
    order.refresh_from_db()
    assert order.status == "paid"


def test_the_buyer_may_do_without_the_code(client, order):
    meet(order)
    client.force_login(order.buyer)
    act(client, order, "received")
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_a_seller_does_not_get_around_the_code(client, order):
    meet(order)
    client.force_login(order.seller)
    for name in ("prepare", "deliver", "ship"):
        client.post(reverse(f"orders:{name}", args=[order.code]), {"carrier": "cj", "number": "1234567890"})
    order.refresh_from_db()
    assert order.delivered_at is None
    assert order.shipped_at is None


@pytest.mark.parametrize("staff", [False, True])
def test_others_know_nothing_of_it(client, order, staff):
    meet(order)
    client.force_login(make_member(is_staff=staff))
    assert client.get(part(order), headers=PARTIAL).status_code == 404
    for action in ACTIONS:
        assert act(client, order, action, code=code_for(order)).status_code == 404


def test_who_is_not_signed_in_is_led_there_and_back(client, order):
    meet(order)
    for response in (client.get(part(order)), *(act(client, order, action) for action in ACTIONS)):
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))


def test_an_unpaid_or_sent_order_has_no_such_part(client, order):
    client.force_login(order.buyer)
    Order.objects.update(paid_at=None)
    assert client.get(part(order), headers=PARTIAL).status_code == 404
    Order.objects.update(paid_at=timezone.now(), deal="retail")
    assert client.get(part(order), headers=PARTIAL).status_code == 404


def test_a_guest_who_bought_it_gets_in_by_the_session(client, order):
    meet(order)
    Order.objects.update(buyer=None)
    Checkout.objects.update(buyer=None, email="guest@example.com")
    session = client.session
    session[GUEST_CHECKOUTS] = [order.checkout.code]
    session.save()
    assert code_for(order) in client.get(part(order), headers=PARTIAL).content.decode()
    act(client, order, "received")
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_without_scripts_each_button_leads_back_to_the_order(client, order):
    client.force_login(order.buyer)
    receipt = reverse("orders:receipt", args=[order.code])
    assert client.get(part(order)).headers["Location"] == receipt
    address = reverse("orders:meeting_propose", args=[order.code])
    for data in ({"place": "합정역", "at": "2099-01-01T10:00"}, {"place": "", "at": ""}):
        response = client.post(address, data)
        assert response.headers["Location"] == receipt
    assert not Meeting.objects.exists()


def test_a_no_show_is_reported_and_contested(client, order):
    meet(order, hours=-1)
    assert "상대방이 오지 않았어요" in show(client, order, order.buyer)
    assert "이의가 없으면" in act(client, order, "missed").content.decode()
    assert "이의 제기하기" in show(client, order, order.seller)
    assert act(client, order, "contest", text="").status_code == 422
    response = act(client, order, "contest", text="제가 먼저 와 있었어요")
    assert "운영팀이 확인하고 있어요" in response.content.decode()
    assert Dispute.objects.get().messages.get().side == "seller"


def test_a_report_may_not_be_contested_by_who_made_it(client, order):
    meet(order, hours=-1)
    report_missed(order.pk, "buyer", by=order.buyer)
    client.force_login(order.buyer)
    assert act(client, order, "contest", text="음").status_code == 422
    assert not Dispute.objects.exists()
