"""What a mail server's answers mean for a message."""

import smtplib

import pytest
from django.core import mail

from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from common.mail import Mailing


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no such user")}), ProviderRefused),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"later")}), ProviderError),
        (smtplib.SMTPDataError(554, b"spam"), ProviderRefused),
        (smtplib.SMTPSenderRefused(421, b"too many", "x@y.example"), ProviderError),
        (smtplib.SMTPServerDisconnected("gone"), OutcomeUnknown),
        (TimeoutError(), OutcomeUnknown),
        (UnicodeEncodeError("ascii", "가", 0, 1, "no"), ProviderRefused),
    ],
)
def test_what_a_mail_servers_answer_means(monkeypatch, failure, expected):
    def send_messages(self, messages):
        raise failure

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send_messages)
    with Mailing() as mailing, pytest.raises((ProviderError, OutcomeUnknown)) as outcome:
        mailing.send(mail.EmailMessage("제목", "본문", to=["a@b.example"]))
    assert type(outcome.value) is expected
    assert "a@b.example" not in str(outcome.value)


def test_a_mail_server_that_is_away_was_sent_nothing(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with Mailing() as mailing, pytest.raises(ProviderError):
        mailing.send(mail.EmailMessage("제목", "본문", to=["a@b.example"]))
