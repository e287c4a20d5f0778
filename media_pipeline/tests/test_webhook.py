import hashlib
import hmac
import json
import time
import uuid
from pathlib import Path

import pytest

from media_pipeline import webhook
from media_pipeline.models import ProviderEvent

pytestmark = pytest.mark.django_db
SECRET = "a secret that both sides know"
ADDRESS = "/events/"


@pytest.fixture(autouse=True)
def secret(settings):
    settings.EVENTS_WEBHOOK_SECRET = SECRET


def envelope(**changes):
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Test",
        "source": "test.provider",
        "time": "2026-01-01T00:00:00Z",
        "resources": [],
        "detail": {},
        **changes,
    }


def sign(body, at=None, secret=SECRET):
    at = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def post(client, content, signature=None):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    signature = sign(body) if signature is None else signature
    return client.post(
        ADDRESS, body, content_type="application/json", headers={"X-Events-Signature": signature}
    )


def test_an_envelope_is_kept_once(client):
    sent = envelope()
    first, again = post(client, sent), post(client, sent)
    assert (first.status_code, first.json()) == (202, {"kept": 1, "doubled": 0})
    assert (again.status_code, again.json()) == (200, {"kept": 0, "doubled": 1})
    assert ProviderEvent.objects.get().event_id == sent["id"]


def test_a_list_is_kept_whole(client):
    old, new = envelope(), envelope()
    post(client, old)
    answer = post(client, [old, new, {"no": "envelope"}])
    assert (answer.status_code, answer.json()) == (202, {"kept": 2, "doubled": 1})
    assert ProviderEvent.objects.count() == 3


@pytest.mark.parametrize("body", [b"{not json", b"\xff", b"7", b"", b"{}", b'{"id": NaN}', b"[" * 5000])
def test_what_is_malformed_is_kept_and_never_an_error(client, body):
    assert post(client, body).status_code == 202
    assert ProviderEvent.objects.get().status == "malformed"


def test_an_empty_list_is_nothing_new(client):
    assert post(client, []).status_code == 200
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    "make",
    [
        lambda body: "",
        lambda body: "t=1,v1=",
        lambda body: "nonsense",
        lambda body: sign(b"another body"),
        lambda body: sign(body, secret="another secret"),
        lambda body: sign(body, at=int(time.time()) - webhook.CLOCK_SECONDS - 60),
        lambda body: sign(body, at=int(time.time()) + webhook.CLOCK_SECONDS + 60),
        lambda body: sign(body).replace("v1=", "v0="),
    ],
    ids=[
        "none",
        "empty",
        "nonsense",
        "of another body",
        "by another secret",
        "too old",
        "of the future",
        "other kind",
    ],
)
def test_a_wrong_signature_is_turned_away(client, make):
    assert post(client, {}, make(b"{}")).status_code == 401
    assert not ProviderEvent.objects.exists()


def test_the_signed_time_cannot_be_changed():
    body, now = b"{}", 1_800_000_000
    header = sign(body, at=now)
    assert webhook.is_signed(body, header, now=now + webhook.CLOCK_SECONDS)
    assert not webhook.is_signed(body, header.replace(str(now), str(now + 1)), now=now)


def test_without_a_secret_there_is_no_such_page(client, settings):
    settings.EVENTS_WEBHOOK_SECRET = ""
    assert post(client, envelope(), sign(b"", secret="")).status_code == 404


def test_it_is_for_posts(client):
    assert client.get(ADDRESS).status_code == 405


@pytest.mark.parametrize("size", [webhook.MAX_BYTES + 1, 3 * 1024 * 1024])
def test_a_body_that_is_too_large_is_refused(client, size):
    assert post(client, b" " * size).status_code == 413
    assert not ProviderEvent.objects.exists()


def test_too_many_envelopes_are_refused_and_none_kept(client):
    assert post(client, [envelope()] * (webhook.MOST_ENVELOPES + 1)).status_code == 413
    assert not ProviderEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_list_that_cannot_be_kept_whole_is_not_kept_in_part(client, monkeypatch):
    kept = []

    def break_down(sent):
        if kept:
            raise RuntimeError
        kept.append(sent)
        return ProviderEvent.objects.create(source="s", event_id="1", envelope=sent)

    monkeypatch.setattr(webhook.inbox, "accept", break_down)
    client.raise_request_exception = False
    assert post(client, [envelope(), envelope()]).status_code == 500
    assert not ProviderEvent.objects.exists()


def test_the_documented_way_to_sign_works(client):
    page = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
    example = page.split("```python\n")[1].split("```")[0]
    sent = {}
    names = {
        "SECRET": SECRET,
        "envelope": envelope(),
        "post": lambda url, content, headers: sent.update(body=content, headers=headers),
    }
    exec(example, names)  # noqa: S102 our own documentation
    answer = client.post(ADDRESS, sent["body"], content_type="application/json", headers=sent["headers"])
    assert answer.status_code == 202
    assert ProviderEvent.objects.get().status == "waiting"
