"""Toss Payments: its own page, then our word takes the money. https://docs.tosspayments.com/reference

Nothing is taken before `confirm`: an unconfirmed payment ends by itself, 30 minutes after its start or 10 minutes
after the buyer proved who they are.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common.errors import ProviderError, ProviderRefused
from orders.payments.base import Charge, Notice, Outcome, Payments, Started, State

CALL_SECONDS = 10
MAX_NAME = 100
MAX_REASON = 200
ORDER_ID = re.compile(r"[A-Za-z0-9_=-]{0,64}")
WORD = re.compile(r"[A-Za-z_.]{0,80}")

# The `status` of https://docs.tosspayments.com/reference#payment-객체
STATES = {
    "READY": State.WAITING,
    "IN_PROGRESS": State.WAITING,
    "WAITING_FOR_DEPOSIT": State.WAITING,
    "DONE": State.SUCCEEDED,
    "PARTIAL_CANCELED": State.SUCCEEDED,
    "CANCELED": State.CANCELLED,
    "ABORTED": State.FAILED,
    "EXPIRED": State.CANCELLED,
}
# https://docs.tosspayments.com/reference/error-codes: said with a 4xx, but of a moment or of our own settings.
PASSING = {
    "PROVIDER_ERROR",
    "IDEMPOTENT_REQUEST_PROCESSING",
    "FAILED_INTERNAL_SYSTEM_PROCESSING",
    "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING",
    "FAILED_REFUND_PROCESS",
    "FAILED_METHOD_HANDLING_CANCEL",
    "FAILED_PARTIAL_REFUND",
    "COMMON_ERROR",
    "FORBIDDEN_CONSECUTIVE_REQUEST",
    "INVALID_API_KEY",
    "UNAUTHORIZED_KEY",
    "INCORRECT_BASIC_AUTH_FORMAT",
}
# https://docs.tosspayments.com/reference/error-codes#failurl로-전달되는-에러
BUYER_LEFT = {"PAY_PROCESS_CANCELED", "USER_CANCEL"}


class TossRefused(ProviderRefused):
    """Toss Payments says no, with a code of its own."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"toss: {status} {code}")
        self.status = status
        self.code = code


class TossPayments(Payments):
    def __init__(self) -> None:
        if not settings.TOSS_SECRET_KEY:
            raise ImproperlyConfigured("Set TOSS_SECRET_KEY.")
        self._client = httpx.Client(
            base_url=settings.TOSS_API_BASE,
            auth=httpx.BasicAuth(settings.TOSS_SECRET_KEY, ""),
            timeout=CALL_SECONDS,
        )

    def start(self, charge: Charge) -> Started:
        """Cards only: what is paid into an account may take days, longer than any hold."""
        payment = self._post(
            "/v1/payments",
            {
                "method": "CARD",
                "amount": charge.amount,
                "orderId": charge.ref,
                "orderName": charge.order_name[:MAX_NAME],
                "successUrl": charge.return_url,
                "failUrl": charge.return_url,
            },
            key=f"start-{charge.ref}",
        )
        return Started(address=payment["checkout"]["url"], provider_ref=payment["paymentKey"])

    def confirm(self, ref: str, provider_ref: str, amount: int, returned: Mapping[str, str]) -> Outcome:
        """Toss itself refuses a payment key that is not of this order and amount."""
        if code := returned.get("code"):
            found = self.look_up(ref, provider_ref)
            ended = State.CANCELLED if code in BUYER_LEFT else State.FAILED
            return Outcome(state=ended) if found.state in (State.WAITING, State.UNKNOWN) else found
        if not (payment_key := returned.get("paymentKey")):
            return self.look_up(ref, provider_ref)
        try:
            payment = self._post(
                "/v1/payments/confirm",
                {"paymentKey": payment_key, "orderId": ref, "amount": amount},
                key=f"confirm-{ref}-{hashlib.sha256(payment_key.encode()).hexdigest()[:16]}",
            )
        except (
            ProviderRefused
        ):  # declined, confirmed before, too late or invented: the payment itself says which
            return self.look_up(ref, provider_ref)
        return _outcome(payment)

    def look_up(self, ref: str, provider_ref: str) -> Outcome:
        payment = self._find(ref)
        return _outcome(payment) if payment else Outcome(state=State.UNKNOWN)

    def cancel(self, ref: str, provider_ref: str) -> None:
        """Nothing to do: without our word Toss takes no money."""

    def refund(self, ref: str, provider_ref: str, amount: int, *, key: str, reason: str) -> None:
        """Idempotency keys are forgotten after 15 days, so that the key stands in the reason too."""
        payment = self._find(ref)
        if payment is None or not payment.get("approvedAt"):
            raise ProviderRefused(f"toss: nothing to refund for {ref}")
        mark = f" ({key})"
        if any(str(one["cancelReason"]).endswith(mark) for one in payment.get("cancels") or []):
            return
        self._post(
            f"/v1/payments/{quote(payment['paymentKey'], safe='')}/cancel",
            {"cancelReason": reason[: MAX_REASON - len(mark)] + mark, "cancelAmount": amount},
            key=f"refund-{key}",
        )

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Toss signs no notices of payments, so this one is a hint that anybody may give: where to look.

        https://docs.tosspayments.com/guides/webhook
        """
        said = json.loads(body)
        data = said.get("data") if isinstance(said, dict) else None
        if not isinstance(data, dict):
            raise ValueError("no notice of Toss Payments")
        kind, order, status = (
            str(word) for word in (said.get("eventType"), data.get("orderId", ""), data.get("status", ""))
        )
        if not (WORD.fullmatch(kind) and ORDER_ID.fullmatch(order) and WORD.fullmatch(status)):
            raise ValueError("no notice of Toss Payments")
        return Notice(
            event_id=hashlib.sha256(body).hexdigest(),
            type=kind,
            ref=order if kind == "PAYMENT_STATUS_CHANGED" else "",
            body={"orderId": order, "status": status},
        )

    def _find(self, ref: str) -> dict[str, Any] | None:
        try:
            return self._call("GET", f"/v1/payments/orders/{quote(ref, safe='')}")
        except TossRefused as refusal:
            if refusal.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def _post(self, path: str, content: dict[str, Any], *, key: str) -> dict[str, Any]:
        return self._call("POST", path, json=content, headers={"Idempotency-Key": key})

    def _call(self, method: str, path: str, **how: Any) -> dict[str, Any]:  # noqa: ANN401 httpx's own arguments
        try:
            response = self._client.request(method, path, **how)
            said = response.json()
        except httpx.HTTPError as error:
            raise ProviderError(f"toss: {type(error).__name__}") from None
        except ValueError:
            raise ProviderError(f"toss: {response.status_code} without JSON") from None
        if not isinstance(said, dict):
            raise ProviderError(f"toss: {response.status_code} without an object")
        if response.is_success:
            return said
        code = str(said.get("code", ""))
        passing = response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS
        if passing or code in PASSING:
            raise ProviderError(f"toss: {response.status_code} {code}")
        raise TossRefused(response.status_code, code)


def _outcome(payment: Mapping[str, Any]) -> Outcome:
    status = str(payment["status"])
    if status not in STATES:
        raise ProviderError(f"toss: unknown status {status}")
    return Outcome(
        state=STATES[status],
        amount=int(payment["balanceAmount"]),
        currency=str(payment["currency"]),
        provider_ref=str(payment["paymentKey"]),
    )
