"""Offers and meetings in the admin: staff read all of it, find it, and never see a code."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.disputes import open_dispute
from orders.models import Meeting, Offer
from orders.second_hand.hand_over import WrongCode, hand_over
from orders.second_hand.offers import counter_offer
from orders.tests.second_hand import NEXT_DOOR, code_for, meet, open_stall, wrong_code_for
from tests.makers import make_member

pytestmark = pytest.mark.django_db
MODELS = ["offer", "meeting"]


@pytest.fixture
def stall():
    return open_stall(stock=2)


@pytest.fixture
def order(stall):
    return stall.sell()


@pytest.fixture
def rows(stall, order):
    offer = stall.offer(8_000)
    counter_offer(offer.pk, "seller", price=9_000, message="조금만 더요")
    return {"offer": offer, "meeting": meet(order)}


@pytest.fixture
def staff(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    return client


def listed(model):
    return reverse(f"admin:orders_{model}_changelist")


def page(model, row, action="change"):
    return reverse(f"admin:orders_{model}_{action}", args=[row.pk])


@pytest.mark.parametrize("model", MODELS)
def test_all_is_seen_and_nothing_is_edited(staff, rows, model):
    row = rows[model]
    assert staff.get(listed(model)).status_code == 200
    answer = staff.get(page(model, row))
    assert answer.status_code == 200
    assert not answer.context["has_change_permission"]
    assert staff.post(page(model, row), {}).status_code == 403
    assert staff.post(page(model, row, "delete"), {"post": "yes"}).status_code == 403
    assert staff.get(reverse(f"admin:orders_{model}_add")).status_code == 403


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("who", ["anonymous", "member", "staff without the right", "staff who may look"])
def test_only_staff_with_the_right_look(client, rows, model, who):
    if who != "anonymous":
        member = make_member(is_staff=who.startswith("staff"))
        if who == "staff who may look":
            member.user_permissions.set(Permission.objects.filter(codename=f"view_{model}"))
        client.force_login(member)
    expected = {"staff without the right": 403, "staff who may look": 200}.get(who, 302)
    for address in (listed(model), page(model, rows[model])):
        assert client.get(address).status_code == expected


def test_an_offer_shows_every_price_and_its_order(staff, stall, rows):
    text = staff.get(page("offer", rows["offer"])).content.decode()
    for fact in ("오래된 카메라", "구름", "골목상점", "8000", "9000", "조금만 더요"):
        assert fact in text.replace(",", "")
    assert "없음" in text
    offer = Offer.objects.get()
    offer.checkout = stall.sell().checkout
    offer.save()
    assert offer.checkout.orders.get().code in staff.get(page("offer", offer)).content.decode()


def test_a_meeting_shows_what_happened_and_no_code(staff, order, rows):
    with pytest.raises(WrongCode):
        hand_over(order.pk, wrong_code_for(order), by=order.seller)
    dispute = open_dispute(order.pk, subject="other", text="오지 않았어요", by=order.buyer)
    digest = Meeting.objects.get().code_digest
    texts = [
        staff.get(address).content.decode()
        for address in (page("meeting", rows["meeting"]), listed("meeting"))
    ]
    for fact in ("합정역 3번 출구", "meeting.proposed", "meeting.wrong_code", order.code, dispute.code):
        assert fact in texts[0]
    for text in texts:
        for secret in (code_for(order), wrong_code_for(order), digest):
            assert secret not in text


@pytest.mark.parametrize(
    ("model", "words"),
    [("offer", "카메라"), ("offer", "구름"), ("offer", "골목"), ("meeting", "합정역"), ("meeting", "골목")],
)
def test_staff_find_what_a_dispute_is_about(staff, rows, model, words):
    other = open_stall(names=NEXT_DOOR, stock=2)
    found = staff.get(listed(model), {"q": words}).context["cl"].queryset
    assert list(found) == [rows[model]]
    assert not staff.get(listed(model), {"q": other.buyer.nickname}).context["cl"].queryset.exists()


def test_a_meeting_is_found_by_its_order_and_by_status(staff, order, rows):
    for query in ({"q": order.code}, {"status__exact": "agreed"}, {"order__status__exact": "paid"}):
        assert list(staff.get(listed("meeting"), query).context["cl"].queryset) == [rows["meeting"]]
    assert not staff.get(listed("meeting"), {"status__exact": "missed"}).context["cl"].queryset.exists()


def test_a_guests_meeting_has_no_name(staff, order, rows):
    order.buyer = None
    order.save()
    assert "비회원" in staff.get(listed("meeting")).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_as_many_queries_for_many_as_for_one(staff, rows, model):
    def queries():
        with CaptureQueriesContext(connection) as found:
            assert staff.get(listed(model)).status_code == 200
        return len(found)

    few = queries()
    for number in range(3):
        another = open_stall(stock=2, names=(f"상점{number}", f"손님{number}"))
        another.offer()
        meet(another.sell())
    assert queries() == few <= 12


@pytest.mark.parametrize("model", MODELS)
def test_a_page_takes_few_queries(staff, rows, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        staff.get(page(model, rows[model]))
