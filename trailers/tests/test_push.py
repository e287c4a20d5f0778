"""Web push: whose browsers, to which services, and what their answers mean."""

import json
from base64 import urlsafe_b64encode
from contextlib import nullcontext
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Event, Thread
from types import SimpleNamespace

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.urls import reverse
from django.utils import timezone
from py_vapid import Vapid

from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from tests.makers import make_member, make_trailer
from trailers.models import PushSubscription, ReminderDelivery
from trailers.pushing import (
    BROWSERS_A_MEMBER,
    SERVICES,
    BadSubscription,
    check_endpoint,
    public_key,
    push_message,
)
from trailers.reminders import ask_for_reminder
from trailers.tasks import send_reminders

pytestmark = pytest.mark.django_db
ENDPOINT = "https://fcm.googleapis.com/fcm/send/secret-of-the-browser"
NOTICE = {"title": "곧 시작해요", "body": "예고", "url": "/trailers/x/", "tag": "trailer-x"}


def base64url(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


def point(key):
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


SITE_KEY = ec.generate_private_key(ec.SECP256R1())
KEYS = {"p256dh": base64url(point(ec.generate_private_key(ec.SECP256R1()))), "auth": base64url(b"a" * 16)}


@pytest.fixture(autouse=True)
def configured(settings):
    settings.VAPID_PRIVATE_KEY = base64url(SITE_KEY.private_numbers().private_value.to_bytes(32, "big"))
    settings.VAPID_CONTACT = "mailto:push@live.example"


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def service(monkeypatch):
    """The push services: answers in turn (201 when there are none left), and what was asked of them."""
    answers, calls = [], []

    def post(self, url, **options):
        calls.append(SimpleNamespace(url=url, **options))
        answer = answers.pop(0) if answers else 201
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, response.raw = answer, BytesIO()
        return response

    monkeypatch.setattr(requests.Session, "post", post)
    return SimpleNamespace(answers=answers, calls=calls)


def subscribe(client, endpoint=ENDPOINT, keys=KEYS, **changes):
    body = {"endpoint": endpoint, "keys": keys, "expirationTime": None} | changes
    return client.post(reverse("trailers:push_subscribe"), body, content_type="application/json")


def unsubscribe(client, endpoint=ENDPOINT):
    return client.post(
        reverse("trailers:push_unsubscribe"), {"endpoint": endpoint}, content_type="application/json"
    )


def test_a_browser_is_kept_and_forgotten(client, member):
    client.force_login(member)
    assert [subscribe(client).status_code for _ in range(2)] == [201, 201]
    assert PushSubscription.objects.get().member == member
    assert [unsubscribe(client).status_code for _ in range(2)] == [204, 204]
    assert PushSubscription.objects.count() == 0


def test_its_secrets_are_unreadable_in_the_database(client, member):
    client.force_login(member)
    subscribe(client)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT endpoint, auth FROM trailers_pushsubscription")
        stored = "".join(cursor.fetchone())
    assert "secret-of-the-browser" not in stored
    assert KEYS["auth"] not in stored
    assert "secret" not in f"{PushSubscription.objects.get()!r} {PushSubscription.objects.get()}"


def test_a_browser_belongs_to_who_used_it_last(client, member):
    for one in (make_member(), member):
        client.force_login(one)
        subscribe(client)
    assert PushSubscription.objects.get().member == member
    client.force_login(make_member())
    unsubscribe(client)
    assert PushSubscription.objects.count() == 1


def test_a_browser_told_of_again_is_the_newest_and_has_its_new_keys(client, member):
    client.force_login(member)
    for number in range(BROWSERS_A_MEMBER):
        subscribe(client, endpoint=f"{ENDPOINT}-{number}")
    PushSubscription.objects.update(failed_at=timezone.now())
    keys = KEYS | {"auth": base64url(b"b" * 16)}
    subscribe(client, endpoint=f"{ENDPOINT}-0", keys=keys)
    subscribe(client)
    kept = {one.endpoint: one for one in PushSubscription.objects.all()}
    assert f"{ENDPOINT}-1" not in kept
    assert (kept[f"{ENDPOINT}-0"].auth, kept[f"{ENDPOINT}-0"].failed_at) == (keys["auth"], None)


def test_only_the_newest_browsers_are_kept(client, member):
    client.force_login(member)
    for number in range(BROWSERS_A_MEMBER + 2):
        subscribe(client, endpoint=f"{ENDPOINT}-{number}")
    kept = [one.endpoint for one in PushSubscription.objects.order_by("pk")]
    assert kept == [f"{ENDPOINT}-{number}" for number in range(2, BROWSERS_A_MEMBER + 2)]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com/x",
        "https://push.services.mozilla.com.evil.example/x",
        "https://evilnotify.windows.com/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://evil.example\\.push.apple.com/x",
        "https://evil.example\\@web.push.apple.com/x",
        "https://evil.example/\\.push.apple.com/",
        "https://web.push.apple.com/\\x",
        "https://evil.example#.push.apple.com/x",
        "https://evil.example?.push.apple.com/x",
        "https://web.push.apple.com/x\n",
        "https://web.push.apple.com/x y",
        "https://web。push.apple.com/x",
        "https://web.push.apple.com",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com:x/",
        "https://[::1]/x",
        "https://[",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "",
        "https://fcm.googleapis.com/" + "x" * 2000,
    ],
)
def test_only_known_services_are_called(client, member, service, endpoint):
    client.force_login(member)
    response = subscribe(client, endpoint=endpoint)
    assert response.status_code == 422
    assert response.json()["error"]
    assert PushSubscription.objects.count() == 0
    PushSubscription.objects.create(member=member, endpoint=endpoint, endpoint_digest="x", **KEYS)
    with pytest.raises(ProviderRefused):
        push_message(member.pk, NOTICE)
    assert service.calls == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_listed_service_is_known(name):
    check_endpoint(f"https://{'region1' if name.startswith('.') else ''}{name}/w/?token=x")
    with pytest.raises(BadSubscription):
        check_endpoint(f"https://region1-{name.lstrip('.')}.example/")


@pytest.mark.parametrize(
    "keys",
    [
        None,
        {},
        [],
        KEYS | {"auth": base64url(b"short")},
        KEYS | {"auth": "한글"},
        KEYS | {"auth": "!" * 200 + KEYS["auth"]},  # what a decoder skips is not kept either
        KEYS | {"p256dh": KEYS["p256dh"] + "=" * 40},
        KEYS | {"p256dh": "\x00" + KEYS["p256dh"]},
        KEYS | {"p256dh": base64url(b"\x04" + b"x" * 64)},
        KEYS | {"p256dh": 5},
    ],
)
def test_keys_that_are_none_are_refused(client, member, keys):
    client.force_login(member)
    assert subscribe(client, keys=keys).status_code == 422


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "\xff", r'{"endpoint": "\ud800"}'])
def test_a_body_that_is_no_subscription(client, member, body):
    client.force_login(member)
    for name, status in (("push_subscribe", 422), ("push_unsubscribe", 204)):
        response = client.post(reverse(f"trailers:{name}"), body, content_type="application/json")
        assert response.status_code == status


@pytest.mark.parametrize("pem", [False, True])
def test_the_key_for_browsers_is_the_public_one(client, settings, pem):
    if pem:
        vapid = Vapid()
        vapid.private_key = SITE_KEY
        settings.VAPID_PRIVATE_KEY = vapid.private_pem().decode()
    assert client.get(reverse("trailers:push_key")).json() == {"key": base64url(point(SITE_KEY))}
    assert public_key() == base64url(point(SITE_KEY))


def test_without_a_key_there_is_no_push(client, member, settings, service):
    settings.VAPID_PRIVATE_KEY = ""
    client.force_login(member)
    assert client.get(reverse("trailers:push_key")).status_code == 404
    assert subscribe(client).status_code == 404


def test_the_worker_is_served_at_the_root(client):
    response = client.get("/push-worker.js")
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cache-Control"] == "no-cache"
    assert b"showNotification" in response.content


def test_a_notice_that_takes_the_place_of_another_is_heard(client):
    assert b"renotify" in client.get("/push-worker.js").content


def test_a_page_tells_whose_browser_it_is_and_who_signs_out_takes_it_along(client, member):
    trailer = make_trailer(make_member())
    client.force_login(member)
    address = reverse("trailers:detail", args=[trailer.code])
    assert b"data-push" not in client.get(address).content
    ask_for_reminder(trailer, member=member)
    assert f'data-push data-member="{member.code}"' in client.get(address).text
    forget = f'data-sign-out data-unsubscribe-url="{reverse("trailers:push_unsubscribe")}"'
    for name in ("accounts:me", "account_logout"):
        assert forget in client.get(reverse(name)).text


@pytest.fixture
def browser(member):
    return PushSubscription.objects.create(
        member=member, endpoint=ENDPOINT, endpoint_digest=PushSubscription.digest(ENDPOINT), **KEYS
    )


def test_a_notice_is_encrypted_signed_and_in_time(member, browser, service):
    push_message(member.pk, NOTICE)
    (call,) = service.calls
    assert call.url == ENDPOINT
    assert call.timeout == 5
    assert call.headers["ttl"] == "1800"
    assert call.headers["content-encoding"] == "aes128gcm"
    assert NOTICE["title"].encode() not in call.data
    assert Vapid.verify(call.headers["authorization"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (429, ProviderError),
        (503, ProviderError),
        (400, ProviderRefused),
        (403, ProviderRefused),
        (302, ProviderRefused),
        (requests.ConnectTimeout(ENDPOINT), ProviderError),
        (requests.ReadTimeout(ENDPOINT), OutcomeUnknown),
        (requests.ConnectionError(ENDPOINT), OutcomeUnknown),
    ],
)
def test_what_an_answer_means(member, browser, service, answer, error):
    service.answers.append(answer)
    with pytest.raises((ProviderError, OutcomeUnknown)) as outcome:
        push_message(member.pk, NOTICE)
    assert type(outcome.value) is error
    assert "secret" not in str(outcome.value)
    assert outcome.value.__cause__ is None
    assert PushSubscription.objects.filter(pk=browser.pk).exists()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("201 Created", nullcontext()),
        ("302 Found", pytest.raises(ProviderRefused, match="no browser")),
        ("503 Busy", pytest.raises(ProviderError, match="HTTP 503")),
    ],
)
def test_an_answer_whose_body_never_comes_holds_nobody(member, monkeypatch, answer, outcome):
    """A real server: tells a status and half a body, sends elsewhere, and keeps the line open."""
    monkeypatch.setattr("trailers.pushing.check_endpoint", lambda endpoint: None)
    done, asked = Event(), []

    class Dripping(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            head = f"HTTP/1.1 {answer}\r\nLocation: /elsewhere\r\nContent-Length: 1000\r\n\r\nhalf"
            self.wfile.write(head.encode())
            done.wait(30)

        def log_message(self, *args):
            """Not on the screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as server:
        Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}/push"
        PushSubscription.objects.create(member=member, endpoint=address, endpoint_digest="x", **KEYS)
        try:
            with outcome:
                push_message(member.pk, NOTICE)
        finally:
            done.set()
            server.shutdown()
    assert asked == ["/push"]


@pytest.mark.parametrize("answer", [404, 410])
def test_a_browser_that_took_its_leave_back_is_forgotten(member, browser, service, answer):
    service.answers.append(answer)
    with pytest.raises(ProviderRefused):
        push_message(member.pk, NOTICE)
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([201, 503], None),
        ([410, 201], None),
        ([503, requests.ReadTimeout()], OutcomeUnknown),
        ([410, 503], ProviderError),
        ([403, 410], ProviderRefused),
    ],
)
def test_of_several_browsers_one_is_enough(member, browser, service, answers, error):
    other = f"{ENDPOINT}-2"
    PushSubscription.objects.create(
        member=member, endpoint=other, endpoint_digest=PushSubscription.digest(other), **KEYS
    )
    service.answers.extend(answers)
    if error is None:
        push_message(member.pk, NOTICE)
    else:
        with pytest.raises((ProviderError, OutcomeUnknown)) as outcome:
            push_message(member.pk, NOTICE)
        assert type(outcome.value) is error
    assert len(service.calls) == 2


def test_a_reminder_goes_to_mail_and_browser_once(member, browser, service, mailoutbox, monkeypatch):
    trailer = make_trailer(make_member(), title="겨울 준비")
    ask_for_reminder(trailer, member=member)
    ask_for_reminder(trailer, member=make_member())  # has no browser
    now = trailer.starts_at - timedelta(minutes=20)
    monkeypatch.setattr(timezone, "now", lambda: now)
    send_reminders()
    send_reminders()
    assert len(service.calls) == 1
    assert len(mailoutbox) == 2
    rows = ReminderDelivery.objects.values_list("channel", "occasion", "status")
    assert sorted(rows) == [("mail", "30m", "sent")] * 2 + [("push", "30m", "sent")]


def test_what_a_notice_says(member, browser, monkeypatch):
    sent = []
    monkeypatch.setattr(
        "trailers.pushing.webpush", lambda *args, data, **options: sent.append(json.loads(data))
    )
    trailer = make_trailer(make_member(), title="겨울 준비")
    ask_for_reminder(trailer, member=member)
    now = trailer.starts_at - timedelta(minutes=3)
    monkeypatch.setattr(timezone, "now", lambda: now)
    send_reminders()
    assert sent == [
        {
            "title": "곧 시작해요: 겨울 준비",
            "body": "겨울 준비",
            "url": f"/trailers/{trailer.code}/",
            "tag": f"trailer-{trailer.code}",
        }
    ]
