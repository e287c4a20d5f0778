"""Stripe: a Checkout Session on Stripe's own page. https://docs.stripe.com/api/checkout/sessions"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta

import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common.errors import ProviderError, ProviderRefused
from orders.payments.base import BadSignature, Charge, Notice, Outcome, Payments, Started, State

API_VERSION = "2026-10-28.endive"
"""Pinned, so that an upgrade of the library or of the account changes nothing unasked."""
CALL_SECONDS = 10
TRIES_MORE = 1
SESSION_LIFE = timedelta(hours=23)
"""Stripe takes 30 minutes to 24 hours. Holds end sooner, by `cancel`; a fixed length keeps repeats of a start alike."""
REFUNDS_A_PAGE = 100

# https://docs.stripe.com/api/payment_intents/object#payment_intent_object-status: nothing comes of these any more
# once the session is complete.
_FAILED = {"canceled", "requires_payment_method"}


class StripePayments(Payments):
    def __init__(self) -> None:
        if not settings.STRIPE_SECRET_KEY or not settings.STRIPE_WEBHOOK_SECRET:
            raise ImproperlyConfigured("Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET together.")
        self._client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            stripe_version=API_VERSION,
            base_addresses={"api": settings.STRIPE_API_BASE},
            max_network_retries=TRIES_MORE,
            http_client=stripe.RequestsClient(timeout=CALL_SECONDS),
        )
        self._sessions = self._client.v1.checkout.sessions

    def start(self, charge: Charge) -> Started:
        """Won has no smaller unit: amounts are won (https://docs.stripe.com/currencies#zero-decimal)."""
        with _calling():
            session = self._sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": charge.ref,
                    "metadata": {"ref": charge.ref},
                    "payment_intent_data": {"metadata": {"ref": charge.ref}},
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": "krw",
                                "unit_amount": charge.amount,
                                "product_data": {"name": charge.order_name},
                            },
                        }
                    ],
                    # others may take days to tell whether they were paid: longer than any hold
                    "allowed_payment_method_types": ["card"],
                    "adaptive_pricing": {"enabled": False},
                    "success_url": charge.return_url,
                    "cancel_url": charge.return_url,
                    "expires_at": int((charge.started_at + SESSION_LIFE).timestamp()),
                    "locale": "ko",
                    **({"customer_email": charge.email} if charge.email else {}),
                },
                {"idempotency_key": f"start-{charge.ref}"},
            )
        if not session.url:
            raise ProviderRefused("stripe: the session is over")
        return Started(address=session.url, provider_ref=session.id)

    def look_up(self, ref: str, provider_ref: str) -> Outcome:
        session = self._session(provider_ref)
        if session is None:
            return Outcome(state=State.UNKNOWN)
        return Outcome(
            state=_state(session),
            amount=session.amount_total or 0,
            currency=(session.currency or "").upper(),
            provider_ref=session.id,
        )

    def cancel(self, ref: str, provider_ref: str) -> None:
        """Expire the session. Stripe refuses that of a session that is complete or expired: then all is said."""
        if not provider_ref:
            return  # its address never reached a buyer
        with suppress(ProviderRefused), _calling():
            self._sessions.expire(provider_ref)

    def refund(self, ref: str, provider_ref: str, amount: int, *, key: str, reason: str) -> None:
        """Idempotency keys are forgotten after a day, so that the key stands in the refund's metadata too."""
        session = self._session(provider_ref)
        intent = session and session.payment_intent
        if not session or not isinstance(intent, stripe.PaymentIntent) or session.payment_status != "paid":
            raise ProviderRefused(f"stripe: nothing to refund for {ref}")
        with _calling():
            refund = self._find_refund(intent.id, key) or self._client.v1.refunds.create(
                {"payment_intent": intent.id, "amount": amount, "metadata": {"key": key, "reason": reason}},
                {"idempotency_key": f"refund-{key}"},
            )
        if refund.status in ("failed", "canceled"):
            raise ProviderRefused(f"stripe: refund {refund.id} {refund.status}")
        if refund.status != "succeeded":
            raise ProviderError(f"stripe: refund {refund.id} is {refund.status}")

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """https://docs.stripe.com/webhooks#verify-official-libraries"""
        try:
            event = self._client.construct_event(
                body, headers.get("stripe-signature"), settings.STRIPE_WEBHOOK_SECRET
            )
        except stripe.SignatureVerificationError as error:
            raise BadSignature from error
        about = event.to_dict()["data"]["object"]
        if about.get("object") != "checkout.session":
            return Notice(event_id=event.id, type=event.type, ref="")
        kept = ("id", "status", "payment_status", "amount_total", "currency")
        return Notice(
            event_id=event.id,
            type=event.type,
            ref=about.get("client_reference_id") or "",
            body={name: about.get(name) for name in kept},
        )

    def _session(self, provider_ref: str) -> stripe.checkout.Session | None:
        if not provider_ref:
            return None
        try:
            with _calling():
                return self._sessions.retrieve(provider_ref, {"expand": ["payment_intent"]})
        except StripeRefused as refusal:
            if refusal.code == "resource_missing":
                return None
            raise

    def _find_refund(self, intent: str, key: str) -> stripe.Refund | None:
        refunds = self._client.v1.refunds.list({"payment_intent": intent, "limit": REFUNDS_A_PAGE})
        return next(
            (
                one
                for one in refunds.auto_paging_iter()
                if one.metadata and one.to_dict()["metadata"].get("key") == key
            ),
            None,
        )


class StripeRefused(ProviderRefused):
    """Stripe says no, with a code of https://docs.stripe.com/error-codes."""

    def __init__(self, code: str) -> None:
        super().__init__(f"stripe: {code}")
        self.code = code


@contextmanager
def _calling() -> Iterator[None]:
    """Turn the library's errors into ours. Its own texts may name people, so only kind, code and request id go on."""
    try:
        yield
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        raise StripeRefused(error.code or type(error).__name__) from None
    except stripe.StripeError as error:  # no connection, busy, down; also a wrong key, which staff set right
        said = f"{type(error).__name__} {error.code or ''} {error.request_id or ''}"
        raise ProviderError(f"stripe: {said.strip()}") from None


def _state(session: stripe.checkout.Session) -> State:
    if session.payment_status == "paid":
        return State.SUCCEEDED
    if session.status == "expired":
        return State.CANCELLED
    intent = session.payment_intent
    failed = isinstance(intent, stripe.PaymentIntent) and intent.status in _FAILED
    return State.FAILED if session.status == "complete" and failed else State.WAITING
