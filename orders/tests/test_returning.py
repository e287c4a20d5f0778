"""The parcel that brings a return back: its buyer names it, its seller and the staff see it."""

import pytest
from django.core import mail
from django.urls import reverse

from orders import mail_tasks, mails
from orders.carriers import WrongTracking
from orders.claims import ClaimOver, NoClaim, approve, receive, take_back
from orders.models import Claim
from orders.returning import note_sent_back
from orders.tests.shop import log_of
from orders.tests.test_buyer_pages import EMAIL, let_in, sign_in
from orders.tests.test_claims import claim_for, fresh, sell
from tests.makers import make_member

NUMBER = "123456789012"
ADDRESS = f"https://trace.cjlogistics.com/next/tracking.html?wblNo={NUMBER}"
PARCEL = {"carrier": "cj", "number": "1234-5678-9012"}


@pytest.fixture
def claim(shop):
    """A return that the seller agreed to."""
    made = claim_for(sell(shop, status="delivered"))
    approve(made.pk, by=shop.seller)
    made.refresh_from_db()
    return made


@pytest.fixture
def post(monkeypatch, django_capture_on_commit_callbacks):
    """Do something, and return the mails that follow from it."""
    for name in ("mail_claim", "mail_sent_back"):
        task = getattr(mail_tasks, name)
        monkeypatch.setattr(task, "delay", task.run)

    def run(action, *arguments, **options):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action(*arguments, **options)
        return list(mail.outbox)

    return run


def address(claim):
    return reverse("orders:sent_back", args=[claim.order.code, claim.code])


def receipt(claim):
    return reverse("orders:receipt", args=[claim.order.code])


def note(claim, **changes):
    return note_sent_back(claim.pk, **{"carrier": "cj", "number": NUMBER, "by": claim.order.buyer} | changes)


def test_the_number_stands_as_bare_digits_in_row_and_log(claim):
    assert note(claim, number="1234-5678-9012")
    fresh(claim)
    assert (claim.carrier, claim.tracking_number, claim.tracking_url) == ("cj", NUMBER, ADDRESS)
    assert log_of(claim.order)[-1] == "claim.sent_back"
    assert claim.status == "approved"


def test_a_wrong_number_is_put_right_and_the_same_one_is_no_news(claim):
    note(claim)
    first = fresh(claim)[0].sent_back_at
    assert not note(claim)
    assert note(claim, carrier="post", number="1234567890123")
    fresh(claim)
    assert (claim.carrier, claim.tracking_number, claim.sent_back_at) == ("post", "1234567890123", first)
    assert log_of(claim.order).count("claim.sent_back") == 2


@pytest.mark.parametrize(
    ("carrier", "number"), [("dove", NUMBER), ("cj", "12"), ("post", NUMBER), ("cj", "")]
)
def test_what_is_no_parcel_is_refused(claim, carrier, number):
    with pytest.raises(WrongTracking):
        note(claim, carrier=carrier, number=number)
    assert fresh(claim)[0].tracking_number == ""


def test_only_an_approved_return_has_a_way_back(shop, claim):
    asked = claim_for(sell(shop, status="delivered"))
    with pytest.raises(NoClaim, match="승인한 다음에"):
        note(asked)
    with pytest.raises(NoClaim):
        note(claim_for(sell(shop, status="preparing")))
    receive(claim.pk, by=shop.seller, restock=True)
    with pytest.raises(ClaimOver):
        note(claim)


def test_the_buyer_gives_it_and_both_pages_show_where_it_is(client, shop, claim):
    client.force_login(shop.buyer)
    assert "반품 운송장 등록" in client.get(receipt(claim)).content.decode()
    page = client.post(address(claim), PARCEL, follow=True).content.decode()
    for words in ("반품 운송장을 등록했어요", "CJ대한통운", ADDRESS, "반품 운송장 고치기"):
        assert words in page
    client.force_login(shop.seller)
    page = client.get(reverse("orders:selling_order", args=[claim.order.code])).content.decode()
    assert ADDRESS in page
    assert "반품 운송장 고치기" not in page


def test_a_wrong_number_is_explained_where_it_was_typed(client, shop, claim):
    client.force_login(shop.buyer)
    answer = client.post(address(claim), PARCEL | {"number": "12"})
    assert answer.status_code == 422
    assert answer.context["parcel_form"].errors["number"]
    assert "운송장 번호를 다시 확인해 주세요" in answer.content.decode()


def test_a_return_that_was_not_agreed_to_offers_no_form(client, shop):
    asked = claim_for(sell(shop, status="delivered"))
    client.force_login(shop.buyer)
    assert address(asked) not in client.get(receipt(asked)).content.decode()
    assert "승인한 다음에" in client.post(address(asked), PARCEL, follow=True).content.decode()


@pytest.mark.parametrize("who", ["anonymous", "other member", "staff", "seller"])
def test_nobody_but_the_buyer_gives_it(client, shop, claim, who):
    sign_in(client, shop, who)
    assert client.post(address(claim), PARCEL).status_code == 404
    assert fresh(claim)[0].tracking_number == ""


def test_a_guest_gives_it_by_their_own_access(client, shop, claim):
    order = claim.order
    order.checkout.buyer, order.checkout.email = None, EMAIL
    order.checkout.save()
    order.buyer = None
    order.save()
    assert client.post(address(claim), PARCEL).status_code == 404
    let_in(client, order)
    client.post(address(claim), PARCEL)
    assert fresh(claim)[0].tracking_number == NUMBER
    assert order.log.last().by is None


def test_a_claim_of_another_order_is_none_of_this_one(client, shop, claim):
    other = sell(shop)
    client.force_login(shop.buyer)
    stray = reverse("orders:sent_back", args=[other.code, claim.code])
    assert client.post(stray, PARCEL).status_code == 404


def test_numbers_are_given_only_so_often(client, shop, claim):
    client.force_login(shop.buyer)
    answers = [client.post(address(claim), PARCEL).status_code for _ in range(11)]
    assert answers == [302] * 10 + [429]


def test_the_seller_is_told_once_of_each_number(shop, claim, post):
    (message,) = post(note, claim)
    assert message.to == [shop.seller.email]
    for words in (
        "반품 상품을 보냈어요",
        "CJ대한통운",
        NUMBER,
        ADDRESS,
        "울 자켓",
        f"/studio/orders/{claim.order.code}/",
    ):
        assert words in message.subject + message.body
    assert post(note, claim) == []


def test_old_news_of_a_parcel_stay_at_home(shop, claim, post):
    note(claim)
    mails.mail_sent_back(claim.pk, "999999999999")
    take_back(claim.pk, by=shop.buyer)
    mails.mail_sent_back(claim.pk, NUMBER)
    assert mail.outbox == []


def test_staff_see_the_parcel_and_find_a_claim_by_it(client, claim):
    note(claim)
    client.force_login(make_member(is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:orders_claim_change", args=[claim.pk])).content.decode()
    assert ADDRESS in page
    found = client.get(reverse("admin:orders_claim_changelist"), {"q": NUMBER})
    assert list(found.context["cl"].queryset) == [Claim.objects.get()]
