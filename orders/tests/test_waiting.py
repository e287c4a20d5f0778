"""The queue for a sold-out variant: its order, its offers, and what becomes of them."""

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from catalog.models import Product, StockMovement
from catalog.stock import move_stock
from common.errors import ProviderError, ProviderRefused
from common.mail import Mailing
from orders import tasks
from orders.deals import receivers
from orders.deals.waiting import (
    InStock,
    join,
    leave,
    offer_next,
    own_place,
    place_in_line,
    settle_offers,
    waited_for,
)
from orders.deals.waiting_news import mail_offered
from orders.holding import NotForSale, OwnProduct, cancel_hold
from orders.models import Checkout, Waiting
from orders.moves import close_checkout
from orders.sweeps import expire_holds
from orders.tests.shop import let_time_run_out, open_shop
from tests.makers import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    """Everything is sold out."""
    shop = open_shop(stock=1)
    move_stock(shop.variant.pk, -1, kind=StockMovement.Kind.LOST, by=shop.seller)
    return shop


def line_up(shop, count):
    members = [make_member() for _ in range(count)]
    return members, [join(member, fresh(shop)) for member in members]


def fresh(shop):
    return type(shop.variant).objects.select_related("product", "stock").get(pk=shop.variant.pk)


def restock(shop, count):
    move_stock(shop.variant.pk, count, kind=StockMovement.Kind.RECEIVED, by=shop.seller)


def states(places):
    return [Waiting.objects.get(pk=place.pk).status for place in places]


# --- In line


def test_members_stand_in_the_order_they_came(shop):
    members, places = line_up(shop, 3)
    assert [place_in_line(place) for place in places] == [1, 2, 3]
    leave(members[0], shop.variant)
    assert [place_in_line(place) for place in places[1:]] == [1, 2]


def test_joining_twice_keeps_the_place(shop):
    members, places = line_up(shop, 2)
    assert join(members[0], fresh(shop)) == places[0]
    assert Waiting.objects.count() == 2


def test_who_left_comes_back_at_the_end(shop):
    members, places = line_up(shop, 2)
    leave(members[0], shop.variant)
    leave(members[0], shop.variant)
    again = join(members[0], fresh(shop))
    assert (place_in_line(again), states(places)) == (2, ["left", "waiting"])


def test_nobody_waits_for_what_is_there(shop):
    restock(shop, 1)
    with pytest.raises(InStock):
        join(make_member(), fresh(shop))


def test_nobody_waits_for_what_is_not_sold_or_is_their_own(shop):
    with pytest.raises(OwnProduct):
        join(shop.seller, fresh(shop))
    Product.objects.update(state="paused")
    with pytest.raises(NotForSale):
        join(make_member(), fresh(shop))


# --- Offers


def test_pieces_that_come_back_are_offered_in_order(shop, settings):
    members, places = line_up(shop, 4)
    restock(shop, 3)
    assert offer_next(shop.variant.pk) == 3
    assert states(places) == ["offered", "offered", "offered", "waiting"]
    assert shop.left == 0
    offers = Waiting.objects.filter(status="offered").select_related("checkout")
    assert [offer.checkout.buyer for offer in offers] == members[:3]
    checkout = offers[0].checkout
    seconds = (checkout.expires_at - checkout.created_at).total_seconds()
    assert seconds == pytest.approx(settings.WAITING_HOLD_SECONDS, abs=2)
    assert checkout.orders.get().lines.get().quantity == 1
    assert own_place(members[0], shop.variant).checkout == checkout


def test_a_second_round_finds_everything_done(shop):
    _members, places = line_up(shop, 2)
    restock(shop, 1)
    assert [offer_next(shop.variant.pk), offer_next(shop.variant.pk)] == [1, 0]
    assert Checkout.objects.count() == 1


def test_without_pieces_or_people_nothing_is_offered(shop):
    assert offer_next(shop.variant.pk) == 0
    line_up(shop, 1)
    assert offer_next(shop.variant.pk) == 0
    assert waited_for() == []


def test_an_offer_that_is_not_taken_goes_to_the_next(shop):
    _members, places = line_up(shop, 2)
    restock(shop, 1)
    offer_next(shop.variant.pk)
    let_time_run_out(Checkout.objects.get())
    expire_holds()
    tasks.offer_waiting()
    assert states(places) == ["lapsed", "offered"]


def test_an_offer_that_is_paid_is_done(shop):
    members, places = line_up(shop, 1)
    restock(shop, 1)
    offer_next(shop.variant.pk)
    close_checkout(Checkout.objects.get().pk, Checkout.Status.PAID)
    settle_offers()
    assert states(places) == ["bought"]
    assert own_place(members[0], shop.variant) is None


def test_who_leaves_an_offer_gives_the_piece_to_the_next(shop):
    members, places = line_up(shop, 2)
    restock(shop, 1)
    offer_next(shop.variant.pk)
    leave(members[0], shop.variant)
    assert shop.left == 1
    offer_next(shop.variant.pk)
    assert states(places) == ["left", "offered"]


def test_who_leaves_an_offer_that_was_over_changes_nothing(shop):
    members, places = line_up(shop, 1)
    restock(shop, 1)
    offer_next(shop.variant.pk)
    cancel_hold(Checkout.objects.get().pk, by=members[0])
    leave(members[0], shop.variant)
    assert (states(places), shop.left) == (["left"], 1)


def test_who_was_deactivated_is_passed_over(shop):
    members, places = line_up(shop, 2)
    members[0].is_active = False
    members[0].save()
    restock(shop, 1)
    assert offer_next(shop.variant.pk) == 1
    assert states(places) == ["waiting", "offered"]


def test_a_product_that_is_paused_is_offered_to_nobody_until_it_is_back(shop):
    _members, places = line_up(shop, 1)
    Product.objects.update(state="paused")
    restock(shop, 1)
    assert offer_next(shop.variant.pk) == 0
    Product.objects.update(state="on_sale")
    tasks.offer_waiting()  # as beat does
    assert states(places) == ["offered"]


def test_news_of_stock_calls_the_task_only_where_somebody_waits(
    shop, monkeypatch, django_capture_on_commit_callbacks
):
    called = []
    monkeypatch.setattr(tasks.offer_waiting, "delay", called.append)
    with django_capture_on_commit_callbacks(execute=True):
        restock(shop, 1)
    assert called == []
    move_stock(shop.variant.pk, -1, kind=StockMovement.Kind.LOST, by=shop.seller)
    line_up(shop, 1)
    with django_capture_on_commit_callbacks(execute=True):
        restock(shop, 1)
    assert called == [shop.variant.pk]


# --- News


@pytest.fixture
def offered(shop):
    _members, places = line_up(shop, 1)
    restock(shop, 1)
    offer_next(shop.variant.pk)
    return places[0]


def test_the_turn_is_told_on_the_members_pages_and_by_mail(
    shop, monkeypatch, django_capture_on_commit_callbacks
):
    told, mailed = [], []
    monkeypatch.setattr(
        "orders.deals.waiting_news.tell_member_on_commit", lambda member, event: told.append((member, event))
    )
    monkeypatch.setattr(tasks.mail_waiting_offer, "delay", mailed.append)
    members, places = line_up(shop, 1)
    restock(shop, 1)
    with django_capture_on_commit_callbacks(execute=True):
        offer_next(shop.variant.pk)
    checkout = Checkout.objects.get()
    assert [(member, event.checkout) for member, event in told] == [(members[0].pk, checkout.code)]
    assert mailed == [places[0].pk]


def test_the_mail_goes_out_once(shop, offered):
    mail_offered(offered.pk)
    mail_offered(offered.pk)
    (message,) = mail.outbox
    checkout = Checkout.objects.get()
    assert message.subject == "차례가 왔어요: 울 자켓"
    assert f"/checkout/{checkout.code}/" in message.body
    assert "12,900원" in message.body
    assert message.to == [offered.member.email]


def test_a_mail_that_surely_did_not_go_out_is_tried_again(offered, monkeypatch):
    def fail(self: Mailing, message: EmailMessage) -> None:
        raise ProviderError("try later")

    with monkeypatch.context() as broken:
        broken.setattr(Mailing, "send", fail)
        with pytest.raises(ProviderError):
            mail_offered(offered.pk)
    mail_offered(offered.pk)
    assert len(mail.outbox) == 1


def test_a_mail_that_is_refused_for_good_is_not_tried_again(offered, monkeypatch):
    def refuse(self: Mailing, message: EmailMessage) -> None:
        raise ProviderRefused("no such mailbox")

    with monkeypatch.context() as broken:
        broken.setattr(Mailing, "send", refuse)
        mail_offered(offered.pk)
    mail_offered(offered.pk)
    assert mail.outbox == []


def test_an_offer_that_is_over_is_not_mailed(offered):
    let_time_run_out(Checkout.objects.get())
    mail_offered(offered.pk)
    assert mail.outbox == []


def test_the_receiver_of_an_offer_only_queues_the_mail(offered, monkeypatch):
    queued = []
    monkeypatch.setattr(tasks.mail_waiting_offer, "delay", queued.append)
    receivers.on_waiting_offered(waiting_id=offered.pk)
    assert (queued, mail.outbox) == ([offered.pk], [])
