"""Buying and selling, from the deal in a running show to the seller's payout."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from devtools.clock_picture import publisher
from devtools.stack import Stack
from tests.journeys import people, shopping
from tests.journeys.announcing import SEOUL
from tests.journeys.conftest import DESKTOP, PHONE, NewStack

pytestmark = pytest.mark.browser
BLANKET = "양털 담요"
HOLD_SECONDS, EXTENSION_SECONDS = 30, 8


@pytest.fixture(scope="module")
def stack(new_stack: NewStack) -> Iterator[Stack]:
    """A shop whose holds are short."""
    overrides = {"HOLD_SECONDS": str(HOLD_SECONDS), "HOLD_EXTENSION_SECONDS": str(EXTENSION_SECONDS)}
    with new_stack(overrides=overrides) as running:
        yield running


def test_a_deal_and_a_coupon_in_a_show_then_refunds(stack, new_person):
    seller, buyer = new_person("seller", DESKTOP), new_person("buyer", PHONE)
    people.sign_up(seller, "haneul", "하늘상점")
    people.sign_up(buyer, "bada", "바다")
    shopping.make_coupon(seller, name="첫 방송 쿠폰", code="HELLO", amount=3_000)
    control_room = people.make_show(seller, "오늘의 특가", [(BLANKET, 39_000, 5)])
    encoder = publisher(f"{stack.rtmp_url}/{people.copy_stream_key(seller)}")
    try:
        people.expect_fresh_picture(seller)
        people.confirm(seller, "방송 시작")
        people.until(lambda: people.status(seller) == "live", "the show is on air")
        buyer.goto(control_room.replace("/studio/", "/live/"))
        people.expect_moving_picture(buyer)

        shopping.start_deal(seller, BLANKET, price=29_000, minutes=10)
        seller.get_by_role("button", name="뿌리기").click()
        buyer.locator("[data-coupon]").get_by_role("button", name="쿠폰 받기").click()
        expect(buyer.locator("[data-coupon-claimed]")).to_be_visible()
        buyer.locator("[data-coupon-close]").click()

        seller.locator("[data-control-lineup] li", has_text=BLANKET).get_by_role(
            "button", name="소개"
        ).click()
        expect(buyer.locator("[data-pinned-card]")).to_contain_text("29,000원")
        people.open_buy_sheet(buyer)
        buyer.locator("[data-buy-step=form] [name=quantity]").fill("2")
        before = people.position(buyer)
        checkout = people.take_hold(buyer)
        checkout.get_by_role("button", name="쓰기 첫 방송 쿠폰").click()
        expect(checkout.locator("dd.total")).to_have_text("55,000원")

        people.go_to_payment(buyer)
        people.pay(buyer, "결제 실패")
        over = buyer.locator("[data-buy-step=over]")
        expect(over).to_contain_text("결제가 되지 않았어요")
        over.get_by_role("button", name="다시 결제하기").click()
        expect(checkout.locator("dd.total")).to_have_text("55,000원")  # its coupon came along
        people.go_to_payment(buyer)
        people.pay(buyer, "결제 성공")
        expect(buyer.locator("[data-buy-step=paid]")).to_contain_text("55,000원")
        people.until(lambda: people.position(buyer) > before + 1, "the video went on while buying")
    finally:
        encoder.stop(5)

    code = buyer.locator("[data-buy-step=paid] a.figures").inner_text()
    refund_one_piece(seller, code)
    shopping.ship(seller, code, number="123456789012")
    people.confirm(seller, "배송 완료로 바꾸기")
    expect(seller.locator("[data-order]")).to_have_attribute("data-status", "delivered")
    send_the_rest_back(seller, buyer, code)
    assert shopping.manage(stack, "check_ledger") == 0


def refund_one_piece(seller: Page, code: str) -> None:
    seller.goto(f"/studio/orders/{code}/")
    seller.locator("summary", has_text="환불하기").click()
    form = seller.locator("details.disclosure form")
    form.locator("input[type=number]").fill("1")
    form.locator("[name=text]").fill("한 장에 흠이 있어요")
    form.get_by_role("button", name="환불하기").click()
    seller.locator("[data-confirm-dialog] [data-confirm-yes]").click()
    expect(seller.locator("main")).to_contain_text("27,500원")


def send_the_rest_back(seller: Page, buyer: Page, code: str) -> None:
    buyer.goto(f"/orders/{code}/")
    expect(buyer.locator("main")).to_contain_text("27,500원")
    buyer.get_by_role("link", name=re.compile("반품 신청")).click()
    expect(buyer.locator("main")).to_contain_text("7일")
    buyer.locator("[name=reason]").first.select_option(index=1)
    buyer.get_by_role("button", name="반품 신청하기").click()
    buyer.wait_for_url(f"**/orders/{code}/")
    expect(buyer.locator("[data-order]")).to_have_attribute("data-status", "return_asked")

    seller.goto(f"/studio/orders/{code}/")
    seller.get_by_role("button", name="반품 승인").click()
    seller.locator("[name=restock]").check()
    people.confirm(seller, "반품 받았어요")
    expect(seller.locator("[data-order]")).to_have_attribute("data-status", "refunded")
    buyer.reload()
    expect(buyer.locator("[data-order]")).to_have_attribute("data-status", "refunded")
    expect(buyer.locator("main")).to_contain_text("55,000원")


def test_a_guests_hold_runs_out_and_the_second_one_is_paid(stack, new_person):
    seller, guest = new_person("seller", DESKTOP), new_person("guest", PHONE)
    people.sign_up(seller, "lampshop", "조명가게")
    product = shopping.make_product(seller, name="작은 조명", price=12_900, stock=1)

    guest.goto(product)
    checkout = people.take_hold(guest)
    expect(checkout.locator("[data-hold-more]")).to_be_visible(timeout=HOLD_SECONDS * 1000)
    checkout.get_by_role("button", name="시간 늘리기").click()
    expect(checkout.locator("[data-hold-more]")).to_have_count(0)
    expect(guest.locator("[data-buy-step=over]")).to_contain_text(
        "결제 시간이 끝났어요", timeout=(HOLD_SECONDS + EXTENSION_SECONDS + 20) * 1000
    )
    guest.get_by_role("button", name="다시 담기").click()
    shopping.fill_guest(guest, email="guest@example.com")
    people.go_to_payment(guest)
    guest.get_by_role("button", name=re.compile("결제 성공")).click()
    paid = guest.locator("[data-buy-step=paid]")
    expect(paid).to_contain_text("guest@example.com")
    code = paid.locator("a.figures").inner_text()
    guest.reload()
    expect(guest.locator("[data-buy-step=paid]")).to_contain_text(code)

    other_device = new_person("the same guest elsewhere", PHONE)
    shopping.find_order(stack, other_device, code, "guest@example.com")
    expect(other_device.locator("[data-order]")).to_have_attribute("data-status", "paid")
    other_device.get_by_role("link", name="주문 취소").click()
    other_device.locator("[name=reason]").first.select_option(index=1)
    other_device.get_by_role("button", name="취소하고 환불받기").click()
    expect(other_device.locator("[data-order]")).to_have_attribute("data-status", "cancelled")


def test_an_offer_a_meeting_and_the_payout(stack, new_person):
    seller, buyer, staff = (
        new_person("seller", DESKTOP),
        new_person("buyer", PHONE),
        new_person("staff", DESKTOP),
    )
    people.sign_up(seller, "camera", "카메라장터")
    people.sign_up(buyer, "nabi", "나비")
    product = shopping.make_product(
        seller,
        name="필름 카메라",
        price=100_000,
        stock=1,
        deal="direct",
        condition="good",
        place="마포구 합정동",
    )

    buyer.goto(product)
    buyer.locator("#id_price").fill("80000")
    buyer.get_by_role("button", name="제안하기").click()
    expect(buyer.locator("main")).to_contain_text("80,000원")
    seller.goto("/offers/received/")
    seller.get_by_role("link", name=re.compile("필름 카메라")).first.click()
    seller.locator("#id_price").fill("90000")
    seller.get_by_role("button", name="다른 금액 제안하기").click()
    expect(seller.locator("main")).to_contain_text("상대방의 답을 기다리고 있어요")
    buyer.goto("/offers/")
    buyer.get_by_role("link", name=re.compile("필름 카메라")).first.click()
    buyer.get_by_role("button", name="90,000원 수락하기").click()
    buyer.get_by_role("button", name="90,000원에 결제하기").click()
    expect(buyer.locator("[data-buy-step=checkout] dd.total")).to_have_text("90,000원")
    people.go_to_payment(buyer)
    buyer.get_by_role("button", name=re.compile("결제 성공")).click()
    code = buyer.locator("[data-buy-step=paid] a.figures").inner_text()

    buyer.goto(f"/orders/{code}/")
    meeting = buyer.locator("#meeting")
    tomorrow = datetime.now(SEOUL) + timedelta(days=1)
    meeting.locator("[name=at]").fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    meeting.locator("[name=place]").fill("합정역 3번 출구")
    meeting.get_by_role("button", name="약속 제안하기").click()
    expect(meeting).to_contain_text("합정역 3번 출구")
    number = meeting.locator(".figure-tile dd").inner_text()
    seller.goto(f"/studio/orders/{code}/")
    seller.get_by_role("button", name="이 약속 수락하기").click()
    expect(seller.locator("#meeting")).to_contain_text("약속 확정")
    seller.locator("#meeting [name=code]").fill(number)
    seller.get_by_role("button", name="거래 끝내기").click()
    expect(seller.locator("#meeting")).to_contain_text("직거래가 끝났어요")
    buyer.reload()
    expect(buyer.locator("[data-order]")).to_have_attribute("data-status", "confirmed")

    shopping.close_this_month(stack)
    shopping.make_staff(stack, "boss")
    shopping.pay_settlement(staff, "boss", "카메라장터")
    seller.goto("/studio/settlements/")
    expect(seller.locator("main")).to_contain_text("지급 완료")
    expect(seller.locator("main")).to_contain_text("85,500원")  # 90,000 less 5 % commission
    assert shopping.manage(stack, "check_ledger") == 0
