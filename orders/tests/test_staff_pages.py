"""The admin of orders, claims and disputes: everything is seen, nothing is edited, money moves with a reason."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from orders.disputes import open_dispute
from orders.models import Claim, Dispute, Order, Refund
from orders.tests.test_claims import claim_for, fresh, sell
from tests.makers import make_member

OWN_PAGES = [("order", "refund"), ("dispute", "decide"), ("dispute", "answer")]


@pytest.fixture
def staff(client, db):
    member = make_member(is_staff=True, is_superuser=True)
    client.force_login(member)
    return member


@pytest.fixture
def dispute(shop):
    order = sell(shop, quantity=2, status="delivered")
    return open_dispute(order.pk, subject="broken", text="단추가 떨어졌어요", by=shop.buyer)


def page(model, action, row):
    return reverse(f"admin:orders_{model}_{action}", args=[row.pk])


@pytest.mark.parametrize("model", ["order", "claim", "dispute", "checkout", "payment", "refund"])
def test_lists_and_pages_are_seen_and_not_edited(client, shop, staff, dispute, model):
    claim_for(sell(shop))
    row = {
        "order": dispute.order,
        "claim": Claim.objects.first(),
        "dispute": dispute,
        "checkout": dispute.order.checkout,
        "payment": dispute.order.checkout.payments.first(),
        "refund": Refund.objects.first(),
    }[model]
    assert client.get(reverse(f"admin:orders_{model}_changelist")).status_code == 200
    answer = client.get(page(model, "change", row))
    assert answer.status_code == 200
    assert not answer.context["has_change_permission"]
    assert client.post(page(model, "change", row), {}).status_code == 403
    assert client.get(reverse(f"admin:orders_{model}_add")).status_code == 403
    assert client.post(page(model, "delete", row), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("model", "action"), OWN_PAGES)
@pytest.mark.parametrize("who", ["anonymous", "member", "staff who may only look"])
def test_only_staff_with_the_right_may_act(client, shop, dispute, model, action, who):
    row = dispute.order if model == "order" else dispute
    if who == "member":
        client.force_login(shop.buyer)
    elif who != "anonymous":
        looker = make_member(is_staff=True)
        looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
        client.force_login(looker)
    for method in (client.get, client.post):
        assert method(page(model, action, row)).status_code == (403 if who.startswith("staff") else 302)
    assert fresh(dispute)[0].status == "open"


def test_a_guests_address_is_masked_in_lists(client, shop, staff):
    shop.sell(buyer=None, email="guest@example.com")
    text = client.get(reverse("admin:orders_checkout_changelist")).content.decode()
    assert "gu***@example.com" in text
    assert "guest@example.com" not in text


def test_staff_give_money_back_with_a_reason(client, shop, staff):
    order = sell(shop, quantity=3)
    line = f"line_{order.lines.get().pk}"
    assert client.post(page("order", "refund", order), {line: "1"}).status_code == 422
    assert not order.refunds.exists()
    client.post(page("order", "refund", order), {line: "1", "reason": "사과의 뜻", "restock": "on"})
    fresh(order)
    assert (order.refunded, order.refunds.get().reason, shop.left) == (12_900, "사과의 뜻", 8)
    assert order.log.last().by == staff
    assert "사과의 뜻" in LogEntry.objects.get().change_message
    too_much = {line: "2", "reason": "또", "shipping": "1"}
    assert client.post(page("order", "refund", order), too_much).status_code == 422


def test_staff_do_not_refund_past_an_open_claim(client, shop, staff, dispute):
    asked = sell(shop, status="delivered")
    claim_for(asked)
    for order in (asked, dispute.order):
        answers = {f"line_{order.lines.get().pk}": "1", "reason": "사과의 뜻"}
        assert client.post(page("order", "refund", order), answers).status_code == 422
        assert fresh(order)[0].refunded == 0


def test_staff_see_the_card_and_speak_to_both(client, staff, dispute):
    text = client.get(page("dispute", "change", dispute)).content.decode()
    for fact in ("단추가 떨어졌어요", "바뀌지 않음", dispute.order.evidence.digest, "울 자켓"):
        assert fact in text
    client.post(page("dispute", "answer", dispute), {"text": "사진을 보여 주세요"})
    said = dispute.messages.last()
    assert (said.side, said.author, said.text) == ("staff", staff, "사진을 보여 주세요")


@pytest.mark.parametrize(
    ("outcome", "order_status", "refunded"),
    [("for_buyer", "delivered", 12_900), ("for_seller", "confirmed", 0)],
)
def test_staff_decide(client, staff, dispute, outcome, order_status, refunded):
    line = dispute.order.lines.get()
    answers = {"outcome": outcome, "reason": "사진을 보고 정했어요", f"line_{line.pk}": "1"}
    assert client.post(page("dispute", "decide", dispute), answers | {"reason": ""}).status_code == 422
    client.post(page("dispute", "decide", dispute), answers)
    fresh(dispute)
    order = Order.objects.get(pk=dispute.order_id)
    assert (dispute.status, dispute.decision) == (outcome, "사진을 보고 정했어요")
    assert (order.status, order.refunded) == (order_status, refunded)
    assert client.post(page("dispute", "decide", dispute), answers).status_code == 422
    assert Dispute.objects.get().status == outcome
