"""What the seller does on one device stands on the other within two seconds, and under nobody's hands."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from broadcasts.actions import pin_product
from broadcasts.lineup_order import arrange_lineup
from broadcasts.live_price import set_live_price
from broadcasts.models import Moderator
from catalog.models import StockMovement, Variant
from catalog.stock import move_stock
from chat.moderation.room_rules import set_frozen
from tests.makers import make_broadcast, make_member, make_product

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_MS = 2000


@pytest.fixture
def show(seller):
    products = [make_product(seller, name=name, price=50_000) for name in ("코트", "니트", "모자")]
    return make_broadcast(seller, products=products, status="live")


@pytest.fixture
def sit_down(server, show, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open the control room as a member, on a device of its own."""
    problems = []

    def make(member, viewport=(1440, 900)) -> Page:
        base_url = f"http://127.0.0.1:{server.port}"
        width, height = viewport
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=base_url, locale="ko-KR"
        )
        client, name = Client(), settings.SESSION_COOKIE_NAME
        client.force_login(member)
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base_url}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"/studio/{show.code}/")
        expect(page.locator("[data-chat-state]")).to_be_hidden()
        return page

    yield make
    assert not problems


def row(page: Page, name: str) -> Locator:
    return page.locator("[data-control-lineup] > li", has_text=name)


def watch_for(page: Page, condition: str) -> Callable[[], float]:
    """Return what waits until a condition holds on the page and tells since when, ms since 1970."""
    page.evaluate(
        f"""() => {{
            const rows = () => [...document.querySelectorAll("[data-control-lineup] > li")];
            const row = (name) => rows().find((item) => item.textContent.includes(name));
            const end = Date.now() + 20_000;
            window.seen = new Promise((resolve) => {{
                const look = () => (({condition}) || Date.now() > end ? resolve(Date.now()) : setTimeout(look, 5));
                look();
            }});
        }}"""
    )
    return lambda: page.evaluate("window.seen")


def pressed_at(button: Locator) -> float:
    """Press a button and return when, ms since 1970."""
    button.evaluate(
        "button => button.addEventListener('click', () => { window.pressed = Date.now(); }, { once: true })"
    )
    button.click()
    return button.page.evaluate("window.pressed")


def test_pin_price_order_and_stock_come_to_the_other_device(sit_down, seller, show):
    phone, desk = sit_down(seller, (390, 844)), sit_down(seller)
    phone.locator("[data-control-tabs]").get_by_role("button", name="상품").click()
    took = {}

    seen = watch_for(desk, "row('니트').querySelector('[aria-pressed=true]')")
    began = pressed_at(row(phone, "니트").get_by_role("button", name="소개"))
    took["pin"] = seen() - began
    expect(row(desk, "니트").get_by_role("button", name="소개 끝")).to_be_visible()

    seen = watch_for(desk, "row('코트').querySelector('summary').textContent.includes('39,000원')")
    row(phone, "코트").locator("summary").click()
    row(phone, "코트").locator("[name=price]").fill("39000")
    began = pressed_at(row(phone, "코트").get_by_role("button", name="저장"))
    took["price"] = seen() - began

    is_last = "rows()[2].textContent.includes('니트') && row('니트').querySelector('[value=down]').disabled"
    seen = watch_for(desk, is_last)
    began = pressed_at(row(phone, "니트").locator("[value=down]"))
    took["order"] = seen() - began

    seen = watch_for(desk, "row('모자').hasAttribute('data-sold-out')")
    began = desk.evaluate("Date.now()")
    hat = Variant.objects.get(product__name="모자")
    move_stock(hat.pk, -10, kind=StockMovement.Kind.COUNTED, by=seller)
    took["sold out"] = seen() - began

    assert all(ms <= MOST_MS for ms in took.values()), took


def test_it_changes_under_nobodys_hands(sit_down, seller, show):
    desk = sit_down(seller)
    moderator = make_member(nickname="지킴이")
    Moderator.objects.create(channel=show.channel, member=moderator)
    helper = sit_down(moderator)
    row(desk, "코트").locator("summary").click()
    price = row(desk, "코트").locator("[name=price]")
    price.fill("41")
    codes = {item.product.name: item.product.code for item in show.lineup.select_related("product")}

    set_live_price(show.pk, codes["코트"], 39_000, by=seller)
    arrange_lineup(show.pk, [codes["모자"], codes["니트"], codes["코트"]], by=seller)
    pin_product(show.pk, codes["모자"], by=seller)

    expect(row(helper, "모자").get_by_text("소개 중")).to_be_visible()
    expect(row(desk, "모자").get_by_role("button", name="소개 끝")).to_be_visible()
    expect(row(desk, "코트").locator("summary")).to_have_text("방송 중 가격 39,000원")
    assert price.input_value() == "41"
    assert [desk.locator("[data-control-lineup] h3").nth(place).inner_text() for place in range(3)] == [
        "모자",
        "니트",
        "코트",
    ]


def test_a_late_answer_does_not_close_what_is_typed_meanwhile(sit_down, seller, show):
    desk = sit_down(seller)
    answers = []
    desk.route("**/pin/", lambda route: answers.append((route, route.fetch())))
    row(desk, "니트").get_by_role("button", name="소개").click()
    expect(row(desk, "니트").get_by_role("button", name="소개 끝")).to_be_visible()
    row(desk, "코트").locator("summary").click()
    row(desk, "코트").locator("[name=price]").fill("39000")

    ((route, answer),) = answers
    with desk.expect_response("**/pin/"):
        route.fulfill(response=answer)
    row(desk, "코트").get_by_role("button", name="저장").click()

    expect(row(desk, "코트").locator("summary")).to_have_text("방송 중 가격 39,000원")
    expect(row(desk, "니트").get_by_role("button", name="소개 끝")).to_be_visible()


def test_what_a_moderator_did_while_one_typed_is_shown_afterwards(sit_down, seller, show):
    desk = sit_down(seller)
    moderator = make_member(nickname="지킴이")
    Moderator.objects.create(channel=show.channel, member=moderator)
    helper = sit_down(moderator)
    notice = desk.locator("#moderation-notice")
    notice.fill("오늘만 무료")
    desk.locator("[data-composer] [name=text]").focus()

    set_frozen(show, True, by=moderator)
    expect(helper.get_by_role("button", name="다시 열기")).to_be_visible()
    desk.wait_for_timeout(1000)
    assert notice.input_value() == "오늘만 무료"
    notice.fill("")
    desk.locator("[data-composer] [name=text]").focus()

    expect(desk.get_by_role("button", name="다시 열기")).to_be_visible()
