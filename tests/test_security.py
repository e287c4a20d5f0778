"""Every view of the product stands in one table that says who may use it. A view without a line fails the test."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from catalog.models import ShippingRule
from common.redis_client import redis_client
from tests.makers import make_broadcast, make_member, make_product, make_trailer
from trailers.comment_actions import write_comment

pytestmark = pytest.mark.django_db

OPEN = "anybody"
MEMBERS = "members only"
OWNER = "the seller of the broadcast, trailer or file only"
KEEPERS = "the seller of the broadcast and the channel's moderators only"
AUTHOR = "the author of the comment only"
MODERATORS = "the author of the comment, the seller of its trailer and staff"
PARTIES = "the buyer (and, to read, the seller) of the order only"
BUYER = "who made the checkout only: the member, or the guest whose session knows it"
BY_REFERENCE = "whoever knows the random reference of the payment or reminder"
BY_SIGNATURE = "programs that sign with the webhook's secret"

ACCESS = {
    "healthz": OPEN,
    "readyz": OPEN,
    "media": OPEN,
    "accounts:me": MEMBERS,
    "media:avatar": MEMBERS,
    "accounts:addresses": MEMBERS,
    "accounts:add_address": MEMBERS,
    "accounts:edit_address": OWNER,
    "accounts:delete_address": OWNER,
    "accounts:default_address": OWNER,
    "accounts:terms": OPEN,
    "accounts:privacy": OPEN,
    "catalog:category": OPEN,
    "catalog:search": OPEN,
    "catalog:new": OPEN,
    "catalog:product": OPEN,
    "catalog:studio": MEMBERS,
    "catalog:create": MEMBERS,
    "catalog:combine": MEMBERS,
    "catalog:csv": MEMBERS,
    "catalog:csv_export": MEMBERS,
    "catalog:stock": OWNER,
    "catalog:edit": OWNER,
    "catalog:pause": OWNER,
    "catalog:resume": OWNER,
    "catalog:end": OWNER,
    "catalog:shipping": MEMBERS,
    "catalog:shipping_rule": OWNER,
    "catalog:shipping_remove": OWNER,
    "broadcasts:home": OPEN,
    "broadcasts:replays": OPEN,
    "broadcasts:watch": OPEN,
    "broadcasts:lineup": OPEN,
    "broadcasts:product_shows": OPEN,
    "broadcasts:following": MEMBERS,
    "broadcasts:follow": MEMBERS,
    "broadcasts:unfollow": MEMBERS,
    "broadcasts:studio": MEMBERS,
    "broadcasts:ingest_card": MEMBERS,
    "broadcasts:stream_key": MEMBERS,
    "broadcasts:rotate_key": MEMBERS,
    "broadcasts:camera": MEMBERS,
    "broadcasts:go_live": OWNER,
    "broadcasts:go_live_end": OWNER,
    "broadcasts:checks": OWNER,
    "broadcasts:rehearsal": BY_REFERENCE,
    "broadcasts:rehearsal_picture": BY_REFERENCE,
    "broadcasts:rehearsal_studio": OWNER,
    "broadcasts:rehearsal_close": OWNER,
    "broadcasts:create": MEMBERS,
    "broadcasts:control_room": KEEPERS,
    "broadcasts:control_lineup": KEEPERS,
    "broadcasts:signal": KEEPERS,
    "broadcasts:signal_samples": KEEPERS,
    "broadcasts:arrange": OWNER,
    "broadcasts:start": OWNER,
    "broadcasts:end": OWNER,
    "broadcasts:cancel": OWNER,
    "broadcasts:pin": OWNER,
    "broadcasts:live_price": OWNER,
    "broadcasts:chapters": OWNER,
    "broadcasts:add_chapter": OWNER,
    "broadcasts:change_chapter": OWNER,
    "broadcasts:remove_chapter": OWNER,
    "broadcasts:clip": OPEN,
    "broadcasts:clips": OWNER,
    "broadcasts:clip_list": OWNER,
    "broadcasts:make_clip": OWNER,
    "broadcasts:delete_clip": OWNER,
    "chat:answer": MEMBERS,
    "chat:draw": OPEN,
    "chat:draw_tickets": OPEN,
    "chat:activities": KEEPERS,
    "chat:end_activity": KEEPERS,
    "chat:switch_ticker": OWNER,
    "chat:messages": OPEN,
    "chat:chat_csv": OWNER,
    "chat:message_menu": OPEN,
    "chat:report_message": MEMBERS,
    "chat:helping": MEMBERS,
    "chat:moderation": KEEPERS,
    "chat:moderation_log": KEEPERS,
    "chat:judge_message": KEEPERS,
    "chat:judge_member": KEEPERS,
    "chat:moderation_room": KEEPERS,
    "chat:moderation_channel": KEEPERS,
    "chat:moderation_word": KEEPERS,
    "chat:moderation_reply": KEEPERS,
    "chat:moderation_moderator": OWNER,
    "chat:questions": OPEN,
    "chat:ask": MEMBERS,
    "chat:second": MEMBERS,
    "chat:unsecond": MEMBERS,
    "chat:studio_questions": MEMBERS,
    "chat:answer_question": OWNER,
    "chat:questions_queue": KEEPERS,
    "chat:move_question": KEEPERS,
    "chat:merge_question": KEEPERS,
    "chat:clear_screen": KEEPERS,
    "chat:product_questions": OPEN,
    "chat:given_support": MEMBERS,
    "chat:support": MEMBERS,
    "chat:support_message": MEMBERS,
    "chat:support_queue": KEEPERS,
    "chat:show_support": KEEPERS,
    "chat:overlay": BY_REFERENCE,
    "chat:overlay_studio": MEMBERS,
    "chat:overlay_issue": MEMBERS,
    "chat:overlay_revoke": MEMBERS,
    "chat:overlay_look": MEMBERS,
    "chat:numbers": KEEPERS,
    "chat:report": OWNER,
    "chat:report_summary": OWNER,
    "chat:report_curve": OWNER,
    "trailers:list": OPEN,
    "trailers:soon": OPEN,
    "trailers:detail": OPEN,
    "trailers:status": OPEN,
    "trailers:renew": OPEN,
    "trailers:calendar": OPEN,
    "trailers:comments": OPEN,
    "trailers:comment": OPEN,
    "trailers:edit_comment": AUTHOR,
    "trailers:delete_comment": MODERATORS,
    "trailers:remind": MEMBERS,
    "trailers:stop_reminder": BY_REFERENCE,
    "trailers:studio": MEMBERS,
    "trailers:create": MEMBERS,
    "trailers:edit": OWNER,
    "trailers:cancel": OWNER,
    "trailers:start": OWNER,
    "trailers:push_key": OPEN,
    "trailers:push_subscribe": MEMBERS,
    "trailers:push_unsubscribe": MEMBERS,
    "trailers:push_worker": OPEN,
    "media:events": BY_SIGNATURE,
    "media:begin": MEMBERS,
    "media:state": OWNER,
    "media:parts": OWNER,
    "media:complete": OWNER,
    "media:cancel": OWNER,
    "media:retry": OWNER,
    "media:poster": OWNER,
    "media:card": OWNER,
    "orders:cart": OPEN,
    "orders:cart_add": OPEN,
    "orders:cart_ticked": OPEN,
    "orders:cart_checkout": OPEN,
    "orders:cart_quantity": OPEN,
    "orders:cart_price": OPEN,
    "orders:cart_remove": OPEN,
    "orders:buy": OPEN,
    "orders:buy_now": OPEN,
    "orders:checkout": BUYER,
    "orders:checkout_address": BUYER,
    "orders:checkout_pay": BUYER,
    "orders:checkout_extend": BUYER,
    "orders:checkout_cancel": BUYER,
    "orders:checkout_again": BUYER,
    "orders:checkout_state": BUYER,
    "orders:checkout_return": BUYER,
    "orders:history": MEMBERS,
    "orders:deals": OWNER,
    "orders:stop_deal": OWNER,
    "orders:drop_coupon": OWNER,
    "orders:coupons": MEMBERS,
    "orders:new_coupon": MEMBERS,
    "orders:stop_coupon": MEMBERS,
    "orders:my_coupons": MEMBERS,
    "orders:claim_coupon": MEMBERS,
    "orders:checkout_coupon": BY_REFERENCE,
    "orders:waiting": OPEN,
    "orders:join_queue": MEMBERS,
    "orders:leave_queue": MEMBERS,
    "orders:find": OPEN,
    "orders:find_code": OPEN,
    "orders:confirm": BUYER,
    "orders:evidence": BUYER,
    "orders:evidence_file": BUYER,
    "orders:claim": BUYER,
    "orders:withdraw_claim": BUYER,
    "orders:sent_back": BUYER,
    "orders:new_dispute": BUYER,
    "orders:dispute": BUYER,
    "orders:withdraw_dispute": BUYER,
    "orders:selling": MEMBERS,
    "orders:packing": MEMBERS,
    "orders:parcels": MEMBERS,
    "orders:export_parcels": MEMBERS,
    "orders:selling_order": OWNER,
    "orders:prepare": OWNER,
    "orders:ship": OWNER,
    "orders:deliver": OWNER,
    "orders:refund": OWNER,
    "orders:approve_claim": OWNER,
    "orders:refuse_claim": OWNER,
    "orders:receive_claim": OWNER,
    "orders:selling_dispute": OWNER,
    "orders:sales": MEMBERS,
    "orders:broadcast_sales": OWNER,
    "orders:receipt": BUYER,
    "orders:offers": MEMBERS,
    "orders:offers_received": MEMBERS,
    "orders:offer_slot": OPEN,
    "orders:offer": PARTIES,
    "orders:offer_counter": PARTIES,
    "orders:offer_accept": PARTIES,
    "orders:offer_decline": PARTIES,
    "orders:offer_withdraw": PARTIES,
    "orders:offer_buy": PARTIES,
    "orders:meeting": PARTIES,
    "orders:meeting_propose": PARTIES,
    "orders:meeting_agree": PARTIES,
    "orders:meeting_code": PARTIES,
    "orders:meeting_received": PARTIES,
    "orders:meeting_missed": PARTIES,
    "orders:meeting_contest": PARTIES,
    "orders:sandbox": BY_REFERENCE,
    "orders:notices": BY_SIGNATURE,
    "orders:settlements": MEMBERS,
    "orders:settlement": OWNER,
    "orders:settlement_print": OWNER,
    "orders:settlement_csv": OWNER,
    "orders:ads_on_main": OPEN,
    "orders:ads_in_category": OPEN,
    "orders:ad_click": OPEN,
    "orders:ads": MEMBERS,
    "orders:new_ad": MEMBERS,
    "orders:ad": OWNER,
    "orders:stop_ad": OWNER,
}
WITHOUT_TOKEN = {
    "orders:notices",  # the signature is the proof; what has none is only a hint where to look
    "media:events",  # the signature is the proof
    "trailers:stop_reminder",  # mail programs post there by themselves; the link's own token is the proof
}
ELSEWHERE = ("admin:", "account_")
"""Django's admin and allauth bring views, and tests of them, along."""


def own_views():
    """Yield (name, names of its arguments) of every view that is ours."""

    def walk(patterns, namespace=""):
        for entry in patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, f"{entry.namespace}:" if entry.namespace else namespace)
            elif isinstance(entry, URLPattern):
                yield f"{namespace}{entry.name}", tuple(entry.pattern.converters)

    for name, arguments in walk(get_resolver().url_patterns):
        if not name.startswith(ELSEWHERE):
            yield name, arguments


VIEWS = dict(own_views())


def address(name, broadcast):
    arguments = {}
    for argument in VIEWS[name]:
        known = {"code": broadcast.code, "broadcast": broadcast.code, "name": "products/none.webp"}
        known["product"] = broadcast.lineup.get().product.code
        if name == "broadcasts:rehearsal_picture":
            known["name"] = "init.mp4"
        if name.startswith("catalog:"):
            product = broadcast.lineup.get().product
            known["code"] = (product.variants.get() if name == "catalog:stock" else product).code
            known["pk"] = product.shipping_id
        if name.startswith("trailers:"):
            trailer = broadcast.channel.member.trailers.get()
            known["code"] = trailer.comments.get().code if name.endswith("comment") else trailer.code
        if name.startswith("media:"):
            known["code"] = broadcast.channel.member.assets.get().code
        arguments[argument] = known.get(argument, "unknown")
    return reverse(name, kwargs=arguments)


@pytest.fixture
def broadcast():
    """A show on air, and a trailer with a comment, all of one seller."""
    seller = make_member()
    write_comment(make_trailer(seller), author=seller, text="곧 만나요", key=uuid4())
    rule = ShippingRule.objects.create(seller=seller, name="택배", fee=3_000)
    return make_broadcast(seller, products=[make_product(seller, shipping=rule)], status="live")


def test_the_table_names_every_view_and_nothing_else():
    assert set(VIEWS) == set(ACCESS)


def views_for(*who):
    return sorted(name for name, allowed in ACCESS.items() if allowed in who)


def wrongly_answered(client, broadcast, names, is_right):
    """Ask for every view with GET and POST; return (method, name, status) of each answer that is not right."""
    wrong = []
    for name in names:
        for method in ("get", "post"):
            response = getattr(client, method)(address(name, broadcast))
            if not is_right(response):
                wrong.append((method, name, response.status_code))
        redis_client().flushdb()  # the rate limits are not what is asked about here
    return wrong


def test_nobody_gets_in_without_signing_in(client, broadcast):
    def is_refused(response):
        if response.status_code == 302:
            return response.headers["Location"].startswith(reverse("account_login"))
        # What only scripts ask says so itself; the wrong method is refused before anything is asked.
        return response.status_code in (401, 405)

    names = views_for(MEMBERS, OWNER, KEEPERS, AUTHOR, MODERATORS, PARTIES)
    assert wrongly_answered(client, broadcast, names, is_refused) == []


@pytest.mark.parametrize("staff", [False, True])
def test_another_member_is_turned_away(client, broadcast, staff):
    client.force_login(make_member(is_staff=staff))
    names = views_for(OWNER, KEEPERS, AUTHOR)
    assert (
        wrongly_answered(client, broadcast, names, lambda answer: answer.status_code in (403, 404, 405)) == []
    )


def test_an_unknown_order_or_payment_is_not_found(client, broadcast):
    client.force_login(make_member())
    names = views_for(PARTIES, BUYER, BY_REFERENCE)
    assert wrongly_answered(client, broadcast, names, lambda answer: answer.status_code in (404, 405)) == []


def test_a_post_without_its_csrf_token_changes_nothing(broadcast):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(broadcast.channel.member)
    answers = {
        name: strict.post(address(name, broadcast)).status_code
        for name in set(ACCESS) - {"healthz", "readyz", *WITHOUT_TOKEN}
    }
    assert {name: status for name, status in answers.items() if status not in (403, 405)} == {}


def test_what_asks_every_view_finds_one_that_lets_anybody_in(client, broadcast):
    found = wrongly_answered(
        client, broadcast, ["broadcasts:home"], lambda answer: answer.status_code in (401, 405)
    )
    assert found == [("get", "broadcasts:home", 200)]


def test_pages_tell_browsers_to_be_careful(client):
    headers = client.get(reverse("broadcasts:home")).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_admin_is_for_staff(client):
    client.force_login(make_member())
    assert client.get(reverse("admin:index")).status_code == 302
    client.force_login(make_member(is_staff=True, is_superuser=True))
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["../db.sqlite3", "secrets.env", "products/../../db.sqlite3", "/etc/passwd", "health/x", "products/"],
)
def test_only_public_pictures_are_served(client, name):
    assert client.get(f"/media/{name}").status_code == 404
