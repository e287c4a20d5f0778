"""The seller's pages: only their own orders, by what there is to do, and everything done from there."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.disputes import open_dispute
from orders.models import Claim, Order
from orders.selling.parcels import MAX_ROWS
from orders.tests.test_claims import claim_for, fresh, sell
from tests.makers import make_broadcast, make_member, make_product

HEAD = "주문번호,택배사,운송장 번호\n"
NUMBER = "123456789012"


def address(name, *arguments):
    return reverse(f"orders:{name}", args=arguments)


@pytest.fixture
def seller(client, shop):
    client.force_login(shop.seller)
    return client


def of_one_order(order, claim, dispute):
    """Yield (method, address) of everything that is about one order."""
    yield "get", address("selling_order", order.code)
    for name in ("prepare", "ship", "deliver", "refund"):
        yield "post", address(name, order.code)
    for name in ("approve_claim", "refuse_claim", "receive_claim"):
        yield "post", address(name, claim.code)
    yield "get", address("selling_dispute", dispute.code)
    yield "post", address("selling_dispute", dispute.code)
    yield "get", address("packing") + f"?order={order.code}"


@pytest.mark.parametrize("who", ["anonymous", "other member", "staff", "buyer"])
def test_an_order_is_only_its_sellers_to_handle(client, shop, who):
    order = sell(shop, status="preparing")
    claim = claim_for(order)
    dispute = open_dispute(order.pk, subject="other", text="도와주세요", by=shop.buyer)
    if who != "anonymous":
        client.force_login(shop.buyer if who == "buyer" else make_member(is_staff=who == "staff"))
    for method, page in of_one_order(order, claim, dispute):
        response = client.get(page) if method == "get" else client.post(page, {"answer": "네", "text": "네"})
        if who == "anonymous":
            assert response.headers["Location"].startswith(reverse("account_login"))
        else:
            assert response.status_code == 404
    fresh(order, claim)
    assert (order.status, claim.status, dispute.messages.count()) == ("preparing", "asked", 1)


def test_what_is_not_paid_is_none_of_the_sellers_business(seller, shop):
    order = shop.hold().orders.get()
    assert seller.get(address("selling_order", order.code)).status_code == 404
    assert order.code not in seller.get(address("selling")).content.decode()


def test_lists_are_by_what_there_is_to_do(seller, shop):
    new, asked, sent = sell(shop), sell(shop, status="preparing"), sell(shop, status="shipped")
    claim_for(asked)
    guest = shop.sell(buyer=None, email="guest@example.com")
    found = {
        tab: {order.code for order in seller.get(address("selling"), {"status": tab}).context["page"]}
        for tab in ("", "new", "preparing", "shipped", "claims", "over", "nonsense")
    }
    everything = {order.code for order in (new, asked, sent, guest)}
    assert found[""] == found["nonsense"] == everything
    assert (found["new"], found["preparing"]) == ({new.code, guest.code}, {asked.code})
    assert (found["shipped"], found["claims"], found["over"]) == ({sent.code}, {asked.code}, set())
    page = seller.get(address("selling"))
    counts = {name: count for name, _label, count in page.context["tabs"]}
    assert (counts["new"], counts["claims"], page.context["waiting"]) == (2, 1, 2)
    assert "비회원" in page.content.decode()


def test_a_list_has_the_same_few_queries_for_one_order_and_many(seller, shop):
    def queries():
        with CaptureQueriesContext(connection) as found:
            assert seller.get(address("selling")).status_code == 200
        return len(found)

    sell(shop)
    few = queries()
    for _ in range(3):
        sell(shop)
    assert queries() == few


def test_an_empty_list_says_what_to_do(seller, shop):
    assert "아직 주문이 없어요" in seller.get(address("selling")).content.decode()
    assert "해당하는 주문이 없어요" in seller.get(address("selling"), {"status": "new"}).content.decode()


def test_an_order_is_prepared_sent_and_delivered(seller, shop):
    order = sell(shop)
    page = seller.get(address("selling_order", order.code)).content.decode()
    for fact in (order.code, "김하늘", "04524", "울 자켓"):
        assert fact in page
    seller.post(address("prepare", order.code))
    assert fresh(order)[0].status == "preparing"
    assert seller.post(address("ship", order.code), {"carrier": "cj", "number": "12"}).status_code == 422
    seller.post(address("ship", order.code), {"carrier": "cj", "number": NUMBER})
    fresh(order)
    assert (order.status, order.tracking_number) == ("shipped", NUMBER)
    seller.post(address("deliver", order.code))
    assert fresh(order)[0].status == "delivered"
    page = seller.post(address("prepare", order.code), follow=True).content.decode()
    assert "지금은 할 수 없어요" in page


def test_claims_are_answered(seller, shop):
    order = sell(shop, status="delivered")
    claim = claim_for(order)
    page = seller.post(address("refuse_claim", claim.code), {"answer": ""}, follow=True).content.decode()
    assert "거절하는 이유를 적어 주세요" in page
    seller.post(address("approve_claim", claim.code), {"answer": "보내 주세요"})
    seller.post(address("receive_claim", claim.code), {"restock": "on"})
    fresh(order, claim)
    assert (order.status, claim.status, claim.answer) == ("refunded", "done", "보내 주세요")
    assert shop.left == 10
    page = seller.post(address("receive_claim", claim.code), follow=True).content.decode()
    assert "이미 처리한 요청이에요" in page


def test_a_seller_refunds_a_part(seller, shop):
    order = sell(shop, quantity=3, status="delivered")
    name = f"line_{order.lines.get().pk}"
    assert seller.post(address("refund", order.code), {name: "0"}).status_code == 422
    assert seller.post(address("refund", order.code), {name: "4"}).status_code == 422
    seller.post(address("refund", order.code), {name: "2", "text": "흠집이 있었어요"})
    fresh(order)
    assert (order.status, order.refunded, shop.left) == ("delivered", 25_800, 7)
    assert Claim.objects.get().answer == "흠집이 있었어요"


def test_a_refund_that_is_sent_twice_counts_once(seller, shop):
    order = sell(shop, quantity=3, status="delivered")
    said = {f"line_{order.lines.get().pk}": "1", "seen": "0"}
    for _ in range(2):
        seller.post(address("refund", order.code), said)
    assert fresh(order)[0].refunded == 12_900


def test_the_seller_speaks_in_a_dispute(seller, shop):
    order = sell(shop, status="delivered")
    dispute = open_dispute(order.pk, subject="broken", text="깨졌어요", by=shop.buyer)
    seller.post(address("selling_dispute", dispute.code), {"text": "포장 사진을 보낼게요"})
    page = seller.get(address("selling_dispute", dispute.code)).content.decode()
    assert "깨졌어요" in page
    assert "포장 사진을 보낼게요" in page
    assert seller.post(address("selling_dispute", dispute.code), {"text": ""}).status_code == 422


def test_slips_have_what_is_left_to_pack(seller, shop):
    order = sell(shop, quantity=3)
    claim_for(order, 1)
    sent = sell(shop, status="shipped")
    page = seller.get(address("packing"))
    assert page.context["orders"] == [order]
    assert "<strong>2</strong>" in page.content.decode()
    assert sent.code in seller.get(address("packing"), {"order": sent.code}).content.decode()


# --- Parcel numbers in bulk -------------------------------------------------------------------------------
def look_at(client, text, encoding="utf-8-sig"):
    file = io.BytesIO(text.encode(encoding) if isinstance(text, str) else text)
    file.name = "parcels.csv"
    return client.post(address("parcels"), {"file": file})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_numbers_are_looked_at_and_then_sent(seller, shop, encoding):
    first, second = sell(shop), sell(shop, status="preparing")
    text = f"{HEAD}{first.code},CJ대한통운,1234-5678-9012\n{second.code},post,1234567890123\n"
    page = look_at(seller, text, encoding)
    assert [parcel.problem for parcel in page.context["parcels"]] == ["", ""]
    assert fresh(first)[0].status == "paid"
    seller.post(address("parcels"), {"kept": page.context["kept"]})
    fresh(first, second)
    assert (first.status, first.tracking_number, second.carrier) == ("shipped", NUMBER, "post")


def test_each_line_says_what_is_wrong_with_it_and_the_rest_is_sent(seller, shop):
    good, asked = sell(shop), sell(shop, status="preparing")
    claim_for(asked)
    other = make_member()
    foreign = shop.sell(shop.want(_sold_by(other, shop), broadcast=_show_of(other, shop)))
    lines = [
        f"{good.code},cj,{NUMBER}",
        f"{asked.code},cj,{NUMBER}",
        f"{foreign.code},cj,{NUMBER}",
        f"{good.code},cj,{NUMBER}",
        f"20260101-AAAA-AAAA,비둘기,{NUMBER}",
        f"{good.code},cj,",
    ]
    page = look_at(seller, HEAD + "\n".join(lines))
    problems = [parcel.problem for parcel in page.context["parcels"]]
    assert [bool(problem) for problem in problems] == [False, True, True, True, True]
    assert page.context["good"] == 1
    seller.post(address("parcels"), {"kept": page.context["kept"]})
    assert list(Order.objects.filter(status="shipped")) == [good]


def _sold_by(other, shop):
    shop.other = make_product(other)
    return shop.other.variants.get()


def _show_of(other, shop):
    return make_broadcast(other, products=[shop.other], status="ended")


@pytest.mark.parametrize(
    "content",
    ["", "아무,말\n1,2\n", b"\xff\xfe\x00\x81", HEAD + "x,cj,1\n" * (MAX_ROWS + 1), b"x" * (1024 * 1024 + 1)],
)
def test_what_is_no_such_file_is_refused_in_words(seller, shop, content):
    page = look_at(seller, content)
    assert page.status_code == 422
    assert page.context["form"].errors["file"]


def test_a_look_of_long_ago_or_of_another_seller_is_made_again(client, seller, shop):
    order = sell(shop)
    kept = look_at(seller, f"{HEAD}{order.code},cj,{NUMBER}\n").context["kept"]
    client.force_login(make_member())
    assert client.post(address("parcels"), {"kept": kept}).status_code == 422
    assert client.post(address("parcels"), {}).status_code == 422
    assert fresh(order)[0].status == "paid"


def test_what_waits_comes_out_as_a_file_that_goes_in_again(seller, shop):
    order = sell(shop, quantity=2)
    sell(shop, status="shipped")
    text = b"".join(seller.get(address("export_parcels")).streaming_content).decode("utf-8-sig")
    lines = text.strip().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"{order.code},,,김하늘")
    assert "울 자켓 × 2" in lines[1]
    filled = lines[1].replace(f"{order.code},,", f"{order.code},한진택배,{NUMBER}")
    page = look_at(seller, f"{lines[0]}\n{filled}\n")
    assert page.context["good"] == 1


def test_a_name_that_a_spreadsheet_would_run_is_text(seller, shop):
    order = sell(shop)
    order.checkout.ship_name = "=1+1"
    order.checkout.save()
    text = b"".join(seller.get(address("export_parcels")).streaming_content).decode()
    assert ",'=1+1," in text


# --- What was sold ----------------------------------------------------------------------------------------
def test_the_revenue_is_what_did_not_go_back(seller, shop):
    order = sell(shop, quantity=2)
    claim_for(order, 1)
    shop.sell(buyer=None, email="guest@example.com")
    assert seller.get(address("sales")).context["totals"] == {"count": 2, "revenue": 25_800}
    part = seller.get(address("broadcast_sales", shop.broadcast.code))
    assert len(part.context["recent"]) == 2
    assert "비회원" in part.content.decode()


def test_the_sales_of_a_show_are_its_sellers(client, shop):
    client.force_login(make_member())
    assert client.get(address("broadcast_sales", shop.broadcast.code)).status_code == 403
    assert client.get(address("sales")).context["totals"] == {"count": 0, "revenue": 0}
