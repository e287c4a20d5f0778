"""The buyer's pages: who may see and do what, with an account and without, and what they show."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import Broadcast
from orders import mails
from orders.buyer.look_up import MAILS_AN_HOUR, TRIES, checkout_for, new_digits
from orders.disputes import open_dispute
from orders.evidence import canonical
from orders.mail_tasks import mail_order_code
from orders.models import Claim, Dispute, Evidence, Order
from orders.tests.shop import let_time_run_out
from orders.tests.test_claims import claim_for, fresh, sell
from orders.tests.test_evidence import record
from tests.makers import make_asset, make_broadcast, make_member, make_product

READS = ["receipt", "evidence", "evidence_file", "claim", "new_dispute"]
POSTS = ["confirm", "claim", "new_dispute"]
EMAIL = "guest@example.com"


def address(name, order, *more):
    return reverse(f"orders:{name}", args=[order.code, *more])


def sign_in(client, shop, who):
    people = {"buyer": shop.buyer, "seller": shop.seller}
    if who != "anonymous":
        client.force_login(people.get(who) or make_member(is_staff=who == "staff"))


def guest_order(shop):
    return shop.sell(buyer=None, email=EMAIL)


def let_in(client, order):
    session = client.session
    session["checkouts"] = [order.checkout.code]
    session.save()


@pytest.mark.parametrize("who", ["anonymous", "other member", "staff", "seller"])
@pytest.mark.parametrize("guest", [False, True])
def test_an_order_is_nobodys_but_the_buyers(client, shop, who, guest):
    order = guest_order(shop) if guest else shop.sell()
    sign_in(client, shop, who)
    for name in READS[1:]:
        assert client.get(address(name, order)).status_code == 404
    for name in POSTS:
        assert client.post(address(name, order), {"reason": "mind"}).status_code == 404
    answer = client.get(address("receipt", order))
    leads_to = {"anonymous": reverse("orders:find"), "seller": address("selling_order", order)}
    if who in leads_to:
        assert answer.headers["Location"].partition("?")[0] == leads_to[who]
    else:
        assert answer.status_code == 404
    assert fresh(order)[0].status == "paid"
    assert not Claim.objects.exists()


@pytest.mark.parametrize("guest", [False, True])
def test_the_buyer_sees_everything_about_it(client, shop, guest):
    order = guest_order(shop) if guest else shop.sell(quantity=2)
    let_in(client, order) if guest else client.force_login(shop.buyer)
    for name in READS:
        assert client.get(address(name, order)).status_code == 200
    page = client.get(address("receipt", order)).content.decode()
    for fact in (order.code, "울 자켓", "김하늘", "010-1234-5678", "04524", "하늘상점", "주문 취소"):
        assert fact in page


def test_claims_and_disputes_of_others_are_not_found(client, shop):
    order, other = sell(shop, status="preparing"), sell(shop, status="preparing")
    claim = claim_for(other)
    dispute = open_dispute(other.pk, subject="other", text="도와주세요", by=shop.buyer)
    client.force_login(shop.buyer)
    assert client.post(address("withdraw_claim", order, claim.code)).status_code == 404
    assert client.get(address("dispute", order, dispute.code)).status_code == 404
    client.force_login(make_member())
    assert client.post(address("withdraw_claim", other, claim.code)).status_code == 404
    assert client.get(address("dispute", other, dispute.code)).status_code == 404
    assert client.post(address("withdraw_dispute", other, dispute.code)).status_code == 404
    assert fresh(claim)[0].status == "asked"


def test_changing_an_order_needs_the_csrf_token(shop):
    order = shop.sell()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(shop.buyer)
    for name in POSTS:
        assert strict.post(address(name, order)).status_code == 403


def test_two_clicks_cancel_an_order(client, shop):
    order = shop.sell(quantity=2)
    client.force_login(shop.buyer)
    page = client.get(address("claim", order))
    form = page.context["form"]
    answers = {bound.html_name: bound.value() for bound in form}
    assert page.context["most"] == order.total
    response = client.post(address("claim", order), {key: value or "" for key, value in answers.items()})
    assert response.headers["Location"] == address("receipt", order)
    assert fresh(order)[0].status == "cancelled"


def test_a_form_that_is_sent_twice_cancels_once(client, shop):
    order = shop.sell(quantity=3)
    client.force_login(shop.buyer)
    said = {f"line_{order.lines.get().pk}": "1", "reason": "mind", "seen": "0"}
    assert client.post(address("claim", order), said).status_code == 302
    assert client.post(address("claim", order), said).status_code == 422
    assert fresh(order)[0].refunded == 12_900


def test_an_empty_or_wrong_choice_is_said_in_the_form(client, shop):
    order = shop.sell(quantity=2)
    client.force_login(shop.buyer)
    name = f"line_{order.lines.get().pk}"
    for value in ("0", "3", "-1", "x", ""):
        response = client.post(address("claim", order), {name: value, "reason": "mind"})
        assert response.status_code == 422
        assert response.context["form"].errors
    assert client.post(address("claim", order), {name: "1", "reason": "broken"}).status_code == 422
    assert not Claim.objects.exists()


def test_the_page_of_a_delivered_order_says_how_long_it_may_be_sent_back(client, shop):
    order = sell(shop, status="delivered")
    client.force_login(shop.buyer)
    page = client.get(address("receipt", order))
    assert page.context["days_left"] == 7
    assert "7일 남음" in page.content.decode()
    Order.objects.filter(pk=order.pk).update(delivered_at=timezone.now() - timedelta(days=7))
    assert "오늘까지" in client.get(address("receipt", order)).content.decode()
    Order.objects.filter(pk=order.pk).update(delivered_at=timezone.now() - timedelta(days=8))
    assert "반품 신청" not in client.get(address("receipt", order)).content.decode()


def test_a_claim_is_taken_back(client, shop):
    order = sell(shop, status="delivered")
    claim = claim_for(order)
    client.force_login(shop.buyer)
    client.post(address("withdraw_claim", order, claim.code))
    fresh(order, claim)
    assert (order.status, claim.status) == ("delivered", "withdrawn")
    client.post(address("withdraw_claim", order, claim.code))  # the second tab


def test_the_buyer_keeps_it(client, shop):
    order = sell(shop, status="delivered")
    client.force_login(shop.buyer)
    for _ in range(2):
        assert client.post(address("confirm", order)).status_code == 302
    assert fresh(order)[0].status == "confirmed"


def test_confirming_too_early_is_refused_in_words(client, shop):
    order = shop.sell()
    client.force_login(shop.buyer)
    page = client.post(address("confirm", order), follow=True)
    assert "지금은 구매를 확정할 수 없어요" in page.content.decode()


def test_a_dispute_is_opened_and_talked_about(client, shop):
    order = sell(shop, status="delivered")
    client.force_login(shop.buyer)
    photo = make_asset(shop.buyer, purpose="product")
    said = {"subject": "broken", "text": "단추가 떨어졌어요", "photo": photo.code}
    response = client.post(address("new_dispute", order), said)
    dispute = Dispute.objects.get()
    assert response.headers["Location"] == address("dispute", order, dispute.code)
    client.post(address("dispute", order, dispute.code), {"text": "확인 부탁드려요"})
    page = client.get(address("dispute", order, dispute.code)).content.decode()
    for fact in ("단추가 떨어졌어요", "확인 부탁드려요", photo.playback_url):
        assert fact in page
    client.post(address("withdraw_dispute", order, dispute.code))
    assert fresh(dispute)[0].status == "withdrawn"
    assert client.post(address("dispute", order, dispute.code), {"text": "또"}).status_code == 422


def test_a_strangers_photo_is_not_taken(client, shop):
    order = sell(shop, status="delivered")
    client.force_login(shop.buyer)
    photo = make_asset(shop.seller, purpose="product")
    said = {"subject": "broken", "text": "단추가 떨어졌어요", "photo": photo.code}
    assert client.post(address("new_dispute", order), said).status_code == 422


def test_a_guest_opens_a_dispute_without_photo(client, shop):
    order = guest_order(shop)
    let_in(client, order)
    client.post(address("new_dispute", order), {"subject": "not_received", "text": "안 왔어요"})
    assert Dispute.objects.get().opened_by is None


def test_the_card_is_a_page_and_a_file_that_proves_itself(client, shop):
    order = shop.sell()
    client.force_login(shop.buyer)
    page = client.get(address("evidence", order)).content.decode()
    for fact in ("울 자켓", "12,900원", "7일", order.evidence.digest):
        assert fact in page
    answer = client.get(address("evidence_file", order))
    kept = json.loads(answer.content)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{order.code}.json"'
    assert (kept["card"], kept["sha256"]) == (order.evidence.card, order.evidence.digest)
    assert canonical(kept["card"]) == canonical(order.evidence.card)


def test_a_card_that_somebody_changed_in_the_database_is_noticed(client, shop):
    order = shop.sell()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_evidence SET card = %s", [json.dumps(order.evidence.card | {"goods": 1})]
        )
    client.force_login(shop.buyer)
    assert client.get(address("receipt", order)).context["intact"] is False
    assert "처음 남긴 내용과 달라요" in client.get(address("evidence", order)).content.decode()


def test_the_link_leads_into_the_replay_fifteen_seconds_before(client, shop):
    show = shop.broadcast
    Broadcast.objects.filter(pk=show.pk).update(started_at=timezone.now() - timedelta(seconds=100))
    show.refresh_from_db()
    order = shop.sell()
    client.force_login(shop.buyer)
    assert client.get(address("receipt", order)).context["replay_url"] == ""
    record(show, (-20, 300))
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=timezone.now())
    assert client.get(address("receipt", order)).context["replay_url"] in ("?part=1&t=85", "?part=1&t=86")


def test_orders_from_before_there_were_cards_have_pages_too(client, shop):
    order = shop.sell()
    Evidence.objects.filter(pk=order.pk)._raw_delete("default")
    client.force_login(shop.buyer)
    assert client.get(address("receipt", order)).status_code == 200
    assert client.get(address("evidence", order)).status_code == 404
    assert client.get(address("claim", order)).status_code == 200


def test_an_order_that_waits_for_its_payment_leads_back_to_it(client, shop):
    checkout, _payment = shop.start()
    client.force_login(shop.buyer)
    order = checkout.orders.get()
    page = client.get(address("receipt", order)).content.decode()
    assert reverse("orders:checkout", args=[checkout.code]) in page
    let_time_run_out(checkout)
    assert client.get(address("receipt", order)).context["order"].status == "expired"


def test_the_history_has_the_same_few_queries_for_one_order_and_many(client, shop):
    client.force_login(shop.buyer)

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("orders:history")).status_code == 200
        return len(found)

    shop.sell()
    few = queries()
    for _ in range(3):
        other = make_product(shop.seller)
        show = make_broadcast(shop.seller, products=[other], status="ended")
        shop.sell(shop.want(other.variants.get(), broadcast=show))
    assert queries() == few


def test_an_empty_history_says_what_to_do(client, shop):
    client.force_login(make_member())
    assert "아직 주문이 없어요" in client.get(reverse("orders:history")).content.decode()


# --- Finding a guest's order ------------------------------------------------------------------------------
def ask_for(client, order, email=EMAIL):
    return client.post(
        reverse("orders:find"), {"order": f" {order.code.lower()} ", "email": email}, follow=True
    )


def test_a_guest_finds_an_order_by_number_and_mail(client, shop, monkeypatch):
    order = guest_order(shop)
    monkeypatch.setattr(mail_order_code, "delay", mails.mail_order_code)
    page = ask_for(client, order, EMAIL.upper())
    assert page.redirect_chain[-1][0] == reverse("orders:find_code")
    (message,) = mail.outbox
    digits = message.subject[-6:]
    assert message.to == [EMAIL.upper()]
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    assert client.post(reverse("orders:find_code"), {"digits": wrong}).status_code == 422
    response = client.post(reverse("orders:find_code"), {"digits": digits})
    assert response.headers["Location"] == address("receipt", order)
    assert client.get(address("receipt", order)).status_code == 200
    other = Client()
    ask_for(other, order)
    assert other.post(reverse("orders:find_code"), {"digits": digits}).status_code == 422  # used up


@pytest.mark.parametrize("case", ["other address", "no such order", "a member's"])
def test_the_answer_says_nothing_about_whether_there_is_one(client, shop, case, monkeypatch):
    monkeypatch.setattr(mail_order_code, "delay", mails.mail_order_code)
    order = shop.sell() if case == "a member's" else guest_order(shop)
    email = {"other address": "other@example.com", "a member's": shop.buyer.email}.get(case, EMAIL)
    right = Client()
    known = ask_for(right, guest_order(shop))
    mail.outbox.clear()
    if case == "no such order":
        order.code = "20260101-AAAA-AAAA"
    page = ask_for(client, order, email)
    assert not mail.outbox
    assert (page.status_code, page.redirect_chain) == (known.status_code, known.redirect_chain)


def test_digits_cannot_be_tried_for_long_nor_mails_be_sent_without_end(client, shop, monkeypatch):
    order = guest_order(shop)
    monkeypatch.setattr(mail_order_code, "delay", mails.mail_order_code)
    for _ in range(MAILS_AN_HOUR + 3):
        ask_for(client, order)
    assert len(mail.outbox) == MAILS_AN_HOUR
    digits = mail.outbox[-1].subject[-6:]
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    for _ in range(TRIES):
        client.post(reverse("orders:find_code"), {"digits": wrong})
    assert client.post(reverse("orders:find_code"), {"digits": digits}).status_code == 422


def test_only_the_newest_digits_count(shop):
    order = guest_order(shop)
    first, second = new_digits(order.code, EMAIL), new_digits(order.code, EMAIL)
    if first != second:
        assert checkout_for(order.code, first) is None
    assert checkout_for(order.code, second) == order.checkout


def test_without_a_question_there_is_no_answer(client, db):
    assert client.get(reverse("orders:find_code")).headers["Location"] == reverse("orders:find")
    assert client.post(reverse("orders:find"), {"order": "", "email": "x"}).status_code == 422
