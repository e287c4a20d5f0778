"""Mail through Amazon SES with the site's own settings, against moto."""

import json
import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import pytest
from django.conf import settings as site
from django.core.mail import EmailMessage
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from common.errors import ProviderError, ProviderRefused
from common.mail import Mailing
from tests.aws.names import REGION

SENDER = "no-reply@example.com"


def reach(settings, address):
    """Send through this address, else as the site is set."""
    client = site.ANYMAIL["AMAZON_SES_CLIENT_PARAMS"] | {"endpoint_url": address, "region_name": REGION}
    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
    settings.ANYMAIL = site.ANYMAIL | {
        "AMAZON_SES_CLIENT_PARAMS": client,
        "AMAZON_SES_CONFIGURATION_SET_NAME": "site",
    }


@pytest.fixture
def ses(settings, moto_aws):
    """Send through moto; yields its address."""
    reach(settings, moto_aws)
    return moto_aws


def verify_sender(address):
    boto3.client("sesv2", endpoint_url=address, region_name=REGION).create_email_identity(
        EmailIdentity=SENDER
    )


def send():
    with Mailing() as mailing:
        mailing.send(EmailMessage("안녕하세요", "본문", SENDER, ["me@example.com"]))


@contextmanager
def service(settings, status, code, answer):
    """A service that answers every request alike; yields the bodies it was sent."""
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("x-amzn-ErrorType", code)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        reach(settings, f"http://127.0.0.1:{server.server_port}")
        try:
            yield bodies
        finally:
            server.shutdown()


def test_a_mail_is_taken_by_ses(ses):
    verify_sender(ses)
    send()
    (sent,) = get_backend("ses")[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert set(sent.destinations) == {"me@example.com"}


def test_a_mail_goes_out_once_with_the_configuration_set(settings, aws_credentials):
    with service(settings, 200, "", b'{"MessageId": "m-1"}') as bodies:
        send()
    (sent,) = bodies
    assert sent["ConfigurationSetName"] == "site"
    assert sent["Destination"] == {"ToAddresses": ["me@example.com"]}


def test_a_sender_that_ses_does_not_know_is_a_refusal(ses):
    with pytest.raises(ProviderRefused, match="MessageRejected"):
        send()


def test_too_much_mail_at_once_may_pass_and_was_asked_once(settings, aws_credentials):
    with (
        service(settings, 429, "TooManyRequestsException", b"{}") as bodies,
        pytest.raises(ProviderError, match="TooManyRequestsException") as error,
    ):
        send()
    assert not isinstance(error.value, ProviderRefused)
    assert len(bodies) == 1


def test_ses_out_of_reach_may_pass(settings, aws_credentials):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        reach(settings, f"http://127.0.0.1:{probe.getsockname()[1]}")
        with pytest.raises(ProviderError) as error:
            send()
    assert not isinstance(error.value, ProviderRefused)
