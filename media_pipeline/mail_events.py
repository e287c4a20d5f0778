"""What Amazon SES reports of mails that went out: addresses that bounced for good or complained get no more.

Shapes as in "Contents of event data that Amazon SES publishes" of the SES guide, in EventBridge's envelope.
"""

from email.utils import parseaddr
from typing import Any

from accounts.models import Undeliverable
from accounts.undeliverable import note_undeliverable
from media_pipeline import applying
from media_pipeline.applying import Envelope, event_time

Reason = Undeliverable.Reason


def on_bounce(envelope: Envelope) -> None:
    """ "Email Bounced": only permanent bounces count; full mailboxes and servers that are away pass."""
    bounce = envelope["detail"]["bounce"]
    if bounce["bounceType"] == "Permanent":
        _note(envelope, bounce["bouncedRecipients"], Reason.BOUNCED)


def on_complaint(envelope: Envelope) -> None:
    """ "Email Complaint Received". Some providers also report the opposite: that a mail is no spam."""
    complaint = envelope["detail"]["complaint"]
    if complaint.get("complaintFeedbackType") != "not-spam":
        _note(envelope, complaint["complainedRecipients"], Reason.COMPLAINED)


def on_not_sent(envelope: Envelope) -> None:
    """ "Email Rejected", "Email Rendering Failed": nothing to change; staff find them in the inbox."""


def _note(envelope: Envelope, recipients: list[dict[str, Any]], reason: Reason) -> None:
    for recipient in recipients:
        _, address = parseaddr(recipient["emailAddress"])
        if address:
            note_undeliverable(address, reason=reason, at=event_time(envelope))


def register() -> None:
    applying.register("Email Bounced", on_bounce)
    applying.register("Email Complaint Received", on_complaint)
    applying.register("Email Rejected", on_not_sent)
    applying.register("Email Rendering Failed", on_not_sent)
