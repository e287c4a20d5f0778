"""Mail: its words from a template, and sending one by one so that the caller knows what became of each."""

import smtplib
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from anymail.exceptions import AnymailAPIError, AnymailError
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils import timezone

from common.aws import calling_aws
from common.errors import OutcomeUnknown, ProviderError, ProviderRefused


def compose(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """Return subject and body of a mail: the template's first line, and the rest. `site_name` is given to it.

    A worker knows no reader's clock: times in mails are the site's, and say so.
    """
    with timezone.override(settings.TIME_ZONE):
        text = render_to_string(template, context | {"site_name": settings.SITE_NAME})
    subject, _, body = text.strip().partition("\n")
    return subject, body.strip() + "\n"


class Mailing:
    """A connection to the mail server, opened when first needed and anew after a failure.

    Errors name codes and kinds, never addresses: they end up in logs.
    """

    def __init__(self) -> None:
        self._connection = get_connection()
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Send one message to one person.

        Raises ProviderError (not sent; later perhaps), ProviderRefused (not sent, never will be),
        OutcomeUnknown (the server had it and did not answer).
        """
        self._open()
        try:
            self._connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            self._close()
            code = max((code for code, _text in error.recipients.values()), default=0)
            raise _refusal(code) from error
        except smtplib.SMTPResponseException as error:
            self._close()
            raise _refusal(error.smtp_code) from error
        except AnymailAPIError as error:
            self._close()
            raise _api_failure(error) from error
        except (AnymailError, smtplib.SMTPNotSupportedError, ValueError) as error:
            # An address or a header that no server would take.
            raise ProviderRefused(type(error).__name__) from error
        except OSError as error:  # a time-out or a dropped line; smtplib's own errors among them
            self._close()
            raise OutcomeUnknown(type(error).__name__) from error

    def _open(self) -> None:
        if self._is_open:
            return
        try:
            self._connection.open()
        except OSError as error:
            raise ProviderError(type(error).__name__) from error
        self._is_open = True

    def _close(self) -> None:
        self._is_open = False
        with suppress(OSError):  # it is being given up
            self._connection.close()


def _refusal(code: int) -> ProviderError:
    """What an SMTP reply means (RFC 5321, 4.2.1): 4yz passes by itself, 5yz does not."""
    return ProviderRefused(f"SMTP {code}") if code >= 500 else ProviderError(f"SMTP {code}")


def _api_failure(error: AnymailAPIError) -> Exception:
    cause = error.__cause__
    if isinstance(cause, ConnectTimeoutError | EndpointConnectionError):
        return ProviderError(type(cause).__name__)
    if not isinstance(cause, ClientError):
        return OutcomeUnknown(type(cause).__name__)
    try:
        with calling_aws():
            raise cause
    except ProviderError as known:
        return known
