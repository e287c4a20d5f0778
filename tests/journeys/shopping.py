"""What buyers, sellers and staff do with goods and money, by the words they see."""

import re
import subprocess
import sys
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from devtools.paths import ROOT
from devtools.stack import Stack
from tests.journeys import people
from tests.journeys.announcing import SEOUL


def manage(stack: Stack, *arguments: str) -> int:
    """Run a management command on the site and return its exit code."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=stack.environment, timeout=120
    ).returncode


def make_product(
    seller: Page,
    *,
    name: str,
    price: int,
    stock: int,
    deal: str = "retail",
    condition: str = "",
    place: str = "",
) -> str:
    """Put a product on the shelf and return the address of its page."""
    seller.goto("/studio/products/new/")
    form = seller.locator("form:has([data-submit])")
    form.locator("[name=name]").fill(name)
    form.locator("[name=category]").select_option(index=1)
    form.locator(f"[name=deal][value={deal}]").check()
    if condition:
        form.locator("[name=condition]").select_option(condition)
        form.locator("[name=place]").fill(place)
    form.locator("[name=price]").fill(str(price))
    form.locator("[name=stock]").fill(str(stock))
    form.get_by_role("button", name="상품 올리기").click()
    seller.wait_for_url(lambda url: not url.endswith("/new/"))
    seller.goto("/studio/products/")
    seller.get_by_role("link", name=name).first.click()
    seller.get_by_role("link", name="상품 화면 보기").click()
    seller.wait_for_url("**/products/**")
    return seller.url


def make_coupon(seller: Page, *, name: str, code: str, amount: int) -> None:
    seller.goto("/studio/coupons/new/")
    now = datetime.now(SEOUL)
    for field, text in {
        "name": name,
        "code": code,
        "amount": str(amount),
        "minimum": "10000",
        "quantity": "10",
        "starts_at": (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
    }.items():
        seller.locator(f"main [name={field}]").fill(text)
    seller.get_by_role("button", name="쿠폰 만들기").click()
    seller.wait_for_url("**/studio/coupons/")


def start_deal(seller: Page, product: str, *, price: int, minutes: int) -> None:
    row = seller.locator("#deals .deal-row", has_text=product)
    row.locator("summary").click()
    row.locator("[name=price]").fill(str(price))
    row.locator("[name=minutes]").fill(str(minutes))
    row.get_by_role("button", name="특가 시작").click()
    expect(seller.locator("#deals .badge--deal")).to_be_visible()


def ship(seller: Page, code: str, *, number: str) -> None:
    seller.goto(f"/studio/orders/{code}/")
    seller.locator("[name=carrier]").select_option(index=1)
    seller.locator(".tracking-form input[type=text]").fill(number)
    seller.get_by_role("button", name="발송 처리").click()
    expect(seller.locator("[data-order]")).to_have_attribute("data-status", "shipped")


def fill_guest(guest: Page, *, email: str) -> None:
    checkout = guest.locator("[data-buy-step=checkout]")
    for field, text in {
        "email": email,
        "ship_name": "손님",
        "ship_phone": "010-9876-5432",
        "ship_postcode": "04524",
        "ship_address": "서울 중구 세종대로 110",
    }.items():
        checkout.locator(f"[name={field}]").fill(text)


def find_order(stack: Stack, guest: Page, code: str, email: str) -> None:
    """Find an order on another device, by its number and the code that is mailed."""
    guest.goto("/orders/find/")
    guest.locator("main [name=order]").fill(code)
    guest.locator("main [name=email]").fill(email)
    guest.get_by_role("button", name="확인 숫자 받기").click()
    guest.wait_for_url("**/orders/find/code/")
    log = stack.log("worker")
    people.until(lambda: bool(_mailed_code(log.read_text(), email)), "the code is mailed")
    guest.locator("main [name=digits]").fill(_mailed_code(log.read_text(), email))
    guest.get_by_role("button", name="주문 보기").click()
    guest.wait_for_url(f"**/orders/{code}/")


def _mailed_code(log: str, email: str) -> str:
    mails = [part for part in log.split("Subject: ") if f"To: {email}" in part]
    codes = [code for mail in mails for code in re.findall(r"\b\d{6}\b", mail.split("To: ")[-1])]
    return codes[-1] if codes else ""


CLOSE_MONTH = """
from datetime import timedelta
from unittest.mock import patch
from django.utils import timezone
from orders.settlements.actions import settle_all

now, this_month = timezone.now(), timezone.localdate().replace(day=1)
with patch("django.utils.timezone.now", lambda: now + timedelta(days=32)):
    settle_all(this_month)
"""


def close_this_month(stack: Stack) -> None:
    """Settle the running month with every seller, as the task does once it is over."""
    assert manage(stack, "shell", "-c", CLOSE_MONTH) == 0


def make_staff(stack: Stack, username: str) -> None:
    script = (
        "from accounts.models import User; "
        f"User.objects.create_superuser({username!r}, 'boss@example.com', {people.PASSWORD!r}, "
        "name='운영자', nickname='운영팀')"
    )
    assert manage(stack, "shell", "-c", script) == 0


def pay_settlement(staff: Page, username: str, seller: str) -> None:
    """Note in the admin that a seller's settlement was paid."""
    staff.goto("/admin/login/?next=/admin/orders/settlement/")
    staff.locator("[name=username]").fill(username)
    staff.locator("[name=password]").fill(people.PASSWORD)
    staff.locator("[type=submit]").click()
    staff.locator("#result_list tr", has_text=seller).locator("input.action-select").check()
    staff.locator("[name=action]").select_option("pay")
    staff.get_by_role("button", name=re.compile("실행|Go")).click()
    staff.locator("#content [name=reason]").fill("11월분 이체함")
    staff.locator("#content [type=submit]").first.click()
    expect(staff.locator("#result_list tr", has_text=seller)).to_contain_text("지급 완료")
