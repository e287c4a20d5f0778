import json
from pathlib import Path

import pytest

from accounts.undeliverable import is_undeliverable
from media_pipeline import applying, inbox
from media_pipeline.models import ProviderEvent

pytestmark = pytest.mark.django_db
ADDRESS = "recipient@example.com"


def sample(name):
    return json.loads((Path(__file__).parent / "events" / f"ses-{name}.json").read_text())


def arrive(envelope):
    """Let an envelope in and apply it; return its row."""
    inbox.accept(envelope)
    event = ProviderEvent.objects.get(event_id=envelope["id"])
    applying.apply(event.pk)
    event.refresh_from_db()
    return event


@pytest.mark.parametrize("name", ["bounced", "complaint"])
def test_the_address_gets_no_more_mail(name):
    assert arrive(sample(name)).status == "applied"
    assert is_undeliverable(ADDRESS)


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
def test_a_bounce_that_passes_changes_nothing(kind):
    event = sample("bounced")
    event["detail"]["bounce"]["bounceType"] = kind
    assert arrive(event).status == "applied"
    assert not is_undeliverable(ADDRESS)


def test_a_report_that_a_mail_was_no_spam_changes_nothing():
    event = sample("complaint")
    event["detail"]["complaint"]["complaintFeedbackType"] = "not-spam"
    arrive(event)
    assert not is_undeliverable(ADDRESS)


def test_an_address_with_a_name_is_understood():
    event = sample("bounced")
    event["detail"]["bounce"]["bouncedRecipients"][0]["emailAddress"] = "회원 <Recipient@example.com>"
    arrive(event)
    assert is_undeliverable(ADDRESS)


@pytest.mark.parametrize("kind", ["Email Rejected", "Email Rendering Failed"])
def test_mail_that_never_went_out_is_only_kept(kind):
    event = sample("bounced") | {
        "detail-type": kind,
        "detail": {"eventType": "Reject", "reject": {"reason": "x"}},
    }
    assert arrive(event).status == "applied"
    assert not is_undeliverable(ADDRESS)
