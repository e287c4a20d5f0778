"""What sellers and staff see of statements and the books, and what staff may do there."""

import csv
import io
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from orders.models import Settlement, Transfer
from orders.settlements.actions import settle_month
from orders.tests.books import move, seoul
from tests.makers import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def statement(seller):
    move(seller, "sale", 1_000_000, seoul(2026, 9, 30, 23, 30))
    move(seller, "commission", 50_000, seoul(2026, 9, 30, 23, 30), back=True)
    return settle_month(seller.pk, date(2026, 9, 1))


@pytest.fixture
def staff(client):
    member = make_member(is_staff=True)
    names = ["view_settlement", "change_settlement", "view_transfer", "add_transfer", "change_transfer"]
    member.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(member)
    return member


def test_the_list_has_an_empty_state_and_sums(client, seller):
    client.force_login(seller)
    page = reverse("orders:settlements")
    assert "아직 정산서가 없어요" in client.get(page).text
    move(seller, "sale", 1_000, seoul(2026, 9, 5))
    settle_month(seller.pk, date(2026, 9, 1))
    move(seller, "sale", 77_000, seoul(2026, 10, 5))
    text = client.get(page).text
    assert "2026년 9월" in text
    assert "77,000원" in text
    assert "지급 예정" in text


def test_a_statement_is_for_its_seller_only(client, seller, statement):
    for name in ("settlement", "settlement_print", "settlement_csv"):
        address = reverse(f"orders:{name}", args=[statement.code])
        client.logout()
        assert client.get(address).status_code == 302
        client.force_login(make_member())
        assert client.get(address).status_code == 404
        client.force_login(seller)
        assert client.get(address).status_code == 200


def test_the_statement_shows_its_parts_and_rows(client, seller, statement):
    client.force_login(seller)
    text = client.get(reverse("orders:settlement", args=[statement.code])).text
    for amount in ("1,000,000원", "-50,000원", "950,000원"):
        assert amount in text


def test_the_printed_statement_keeps_to_seouls_clock(client, seller, statement):
    client.force_login(seller)
    client.cookies["tz"] = "America/New_York"
    text = client.get(reverse("orders:settlement_print", args=[statement.code])).text
    assert "2026-09-30 23:30" in text
    assert seller.nickname in text


def test_the_file_adds_up_and_starts_no_formula(client, seller):
    move(seller, "sale", 700, seoul(2026, 9, 5))
    move(seller, "ad", 200, seoul(2026, 9, 6), note="=HYPERLINK(1)")
    statement = settle_month(seller.pk, date(2026, 9, 1))
    client.force_login(seller)
    answer = client.get(reverse("orders:settlement_csv", args=[statement.code]))
    text = b"".join(answer.streaming_content).decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["일시", "구분", "주문번호", "금액", "내용"]
    assert sum(int(row[3]) for row in rows[1:]) == statement.total
    assert "'=HYPERLINK(1)" in {row[4] for row in rows}
    assert "attachment" in answer["Content-Disposition"]


def act(client, action, statement, **more):
    data = {"action": action, "_selected_action": [statement.pk]} | more
    return client.post(reverse("admin:orders_settlement_changelist"), data, follow=True)


def test_staff_pay_after_being_asked_and_the_log_says_who(client, staff, statement):
    assert "950,000원" in act(client, "pay", statement).text
    statement.refresh_from_db()
    assert statement.status == "due"
    assert "필수" in act(client, "pay", statement, sure="1", reason="").text
    act(client, "pay", statement, sure="1", reason="10월 이체")
    act(client, "pay", statement, sure="1", reason="10월 이체")
    statement.refresh_from_db()
    assert statement.status == "paid"
    assert Transfer.objects.get(kind="payout").amount == 950_000
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (
        staff,
        str(statement.pk),
        "pay: 10월 이체",
    )


def test_staff_hold_and_release(client, staff, statement):
    act(client, "hold", statement, sure="1", reason="계좌 확인")
    assert Settlement.objects.get().hold_reason == "계좌 확인"
    act(client, "release", statement, sure="1", reason="확인함")
    assert Settlement.objects.get().status == "due"
    assert LogEntry.objects.count() == 2


def test_staff_without_the_permission_only_look(client, statement):
    member = make_member(is_staff=True)
    member.user_permissions.set(Permission.objects.filter(codename="view_settlement"))
    client.force_login(member)
    act(client, "pay", statement, sure="1", reason="몰래")
    assert Settlement.objects.get().status == "due"
    assert client.get(reverse("admin:orders_settlement_change", args=[statement.pk])).status_code == 200


def test_a_correction_is_written_once_with_who_and_why(client, staff, seller):
    page = reverse("admin:orders_transfer_add")
    form = client.get(page).context["adminform"].form
    data = {"seller": seller.pk, "won": "-500", "note": "잘못 준 쿠폰", "key": form["key"].value()}
    assert client.post(page, data).status_code == 302
    assert "이미 적은 조정이에요" in client.post(page, data).text
    row = Transfer.objects.get()
    assert (row.kind, row.amount, row.debit, row.note) == ("correction", 500, "seller", "잘못 준 쿠폰")
    assert LogEntry.objects.get().user == staff
    assert "0이 아닌" in client.post(page, data | {"won": "0"}).text
    assert client.post(page, data | {"seller": "", "key": "other"}).status_code == 200
    assert Transfer.objects.count() == 1


def test_the_books_show_balances_and_rows_and_change_nothing(client, staff, seller):
    row = move(seller, "sale", 12_345, seoul(2026, 9, 5))
    assert "12,345원" in client.get(reverse("admin:orders_transfer_changelist")).text
    page = reverse("admin:orders_transfer_change", args=[row.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"note": "x"}).status_code == 403
    assert client.post(reverse("admin:orders_transfer_delete", args=[row.pk])).status_code == 403


def test_rows_are_found_by_their_statement(client, staff, statement):
    answer = client.get(reverse("admin:orders_transfer_changelist"), {"settlement__id__exact": statement.pk})
    assert answer.context["cl"].result_count == 2


def test_an_export_is_noted(client, staff, seller):
    row = move(seller, "sale", 12_345, seoul(2026, 9, 5))
    data = {"action": "export", "_selected_action": [row.pk]}
    answer = client.post(reverse("admin:orders_transfer_changelist"), data)
    assert "12345" in b"".join(answer.streaming_content).decode()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.change_message) == (staff, "1 rows exported")
