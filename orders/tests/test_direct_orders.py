"""An order that is handed over in person: its seller meets the buyer, and packs and sends nothing."""

from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse

from orders import mails
from orders.disputes import open_dispute
from orders.holding import Wanted, take_hold
from orders.models import Order
from orders.sending import NotSendable, prepare_order
from orders.tests.second_hand import PRICE, meet, open_stall
from tests.makers import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def stall():
    return open_stall()


@pytest.fixture
def order(stall):
    return stall.sell()


@pytest.fixture
def seller(client, stall):
    client.force_login(stall.seller)
    return client


def address(name, *arguments):
    return reverse(f"orders:{name}", args=arguments)


def page_of(client, order):
    return client.get(address("selling_order", order.code)).content.decode()


def test_the_sellers_page_says_to_meet_and_offers_nothing_of_parcels(seller, order):
    page = page_of(seller, order)
    for words in ("다음 할 일", "구매자와 만날 시간과 장소를 정해요", 'href="#meeting"', 'id="meeting"'):
        assert words in page
    for name in ("prepare", "ship", "deliver"):
        assert address(name, order.code) not in page
    assert "포장 쪽지" not in page


def test_nothing_is_next_while_the_staff_decide(seller, order):
    open_dispute(order.pk, subject="other", text="연락이 안 돼요", by=order.buyer)
    assert "다음 할 일" not in page_of(seller, order)


def test_preparing_is_refused_and_says_what_to_do(seller, order):
    with pytest.raises(NotSendable):
        prepare_order(order.pk, by=order.seller)
    answer = seller.post(address("prepare", order.code), follow=True).content.decode()
    assert "직거래는 만나서 건네는 주문이에요" in answer
    order.refresh_from_db()
    assert order.status == "paid"


def test_a_meeting_does_not_open_the_way_to_parcels(seller, order):
    meet(order)
    for name in ("prepare", "ship", "deliver"):
        seller.post(address(name, order.code), {"carrier": "cj", "number": "1234567890"})
    order.refresh_from_db()
    assert (order.status, order.shipped_at, order.delivered_at) == ("paid", None, None)


def test_it_stands_in_no_packing_list_and_in_no_file(seller, order):
    for query in ({}, {"order": order.code}):
        packing = seller.get(address("packing"), query)
        assert packing.context["orders"] == []
        assert "포장할 주문이 없어요" in packing.content.decode()
    assert seller.get(address("selling")).context["waiting"] == 0
    file = b"".join(seller.get(address("export_parcels")).streaming_content).decode()
    assert order.code not in file


def test_the_mails_speak_of_meeting(order):
    mails.mail_paid(order.checkout_id)
    mails.mail_new_order(order.pk)
    to_buyer, to_seller = (message.body for message in mail.outbox)
    assert "만날 시간과 장소를 정해 주세요" in to_buyer
    assert "만날 시간과 장소를 제안해 주세요" in to_seller
    for body in (to_buyer, to_seller):
        assert not [words for words in ("보내 드릴게요", "배송비", "받는 곳") if words in body]


def test_a_mail_about_both_kinds_says_which_is_which(stall):
    sent = make_product(stall.seller, stock=1, price=PRICE, name="필름")
    wanted = [
        Wanted(variant_id=variant.pk, quantity=1, seen_price=PRICE)
        for variant in (stall.variant, sent.variants.get())
    ]
    checkout = take_hold(stall.buyer, wanted, key=uuid4())
    mails.mail_paid(checkout.pk)
    body = mail.outbox[0].body
    by_deal = {order.deal: order.code for order in Order.objects.filter(checkout=checkout)}
    assert f"{by_deal['direct']} (골목상점) · 직거래" in body
    assert f"{by_deal['retail']} (골목상점)\n" in body
    assert "보내 드릴게요" in body
    assert "배송비" in body


@pytest.mark.parametrize(
    ("deal", "words"), [("direct", "직거래, 만나서 받아요"), ("second_hand", "보내 드릴게요")]
)
def test_the_result_page_says_how_it_comes(client, deal, words):
    order = open_stall(deal=deal, names=("다리밑상점", "노을")).sell()
    client.force_login(order.buyer)
    page = client.get(address("checkout", order.checkout.code)).content.decode()
    assert words in page
    assert ("배송비" in page) is (deal != "direct")
