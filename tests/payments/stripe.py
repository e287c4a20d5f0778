"""Stripe, as far as Checkout Sessions and Refunds go. https://docs.stripe.com/api"""

import itertools
import json
import re
import time
from typing import Any
from urllib.parse import parse_qsl

import stripe

from tests.payments.server import Call, FakeProvider, Json, Refusal

SECRET_KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
WEBHOOK_SECRET = "whsec_1qWf5bHk2vEr8uTz3nYx6mPc9sLd0gJa"
VERSION = "2026-10-28.endive"
MIN_LIFE, MAX_LIFE = 30 * 60, 24 * 3600

# Parameters of https://docs.stripe.com/api/checkout/sessions/create that a payment may have, with what they look like.
SESSION = {
    r"mode": r"payment",
    r"client_reference_id": r".{1,200}",
    r"metadata\[[^]]{1,40}\]": r".{0,500}",
    r"payment_intent_data\[metadata\]\[[^]]{1,40}\]": r".{0,500}",
    r"line_items\[\d+\]\[quantity\]": r"[1-9]\d*",
    r"line_items\[\d+\]\[price_data\]\[currency\]": r"[a-z]{3}",
    r"line_items\[\d+\]\[price_data\]\[unit_amount\]": r"\d{1,12}",
    r"line_items\[\d+\]\[price_data\]\[product_data\]\[name\]": r".{1,250}",
    r"allowed_payment_method_types\[\d+\]": r"card",
    r"adaptive_pricing\[enabled\]": r"true|false",
    r"success_url": r"https?://.{1,5000}",
    r"cancel_url": r"https?://.{1,5000}",
    r"expires_at": r"\d{10}",
    r"locale": r"auto|ko|en|ja|zh",
    r"customer_email": r"[^@\s]+@[^@\s]+",
}
SESSION_NEEDS = {"mode", "success_url", "line_items[0][quantity]", "line_items[0][price_data][currency]"}
REFUND = {
    r"payment_intent": r"pi_\w+",
    r"amount": r"[1-9]\d*",
    r"metadata\[[^]]{1,40}\]": r".{0,500}",
    r"reason": r"duplicate|fraudulent|requested_by_customer",
}
REFUND_LIST = {r"payment_intent": r"pi_\w+", r"limit": r"[1-9]\d?|100", r"starting_after": r"re_\w+"}


class FakeStripe(FakeProvider):
    """`pay`, `decline` and `let_time_pass` are the buyer's side; `notice` signs what a webhook would bring."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, Json] = {}
        self.intents: dict[str, Json] = {}
        self.refunds: list[Json] = []
        self.refund_status = "succeeded"
        self._numbers = itertools.count(1)
        session = r"/v1/checkout/sessions/(?P<name>cs_\w+)"
        self.routes = [
            ("POST", re.compile(r"/v1/checkout/sessions"), self.create_session),
            ("GET", re.compile(session), self.retrieve_session),
            ("POST", re.compile(f"{session}/expire"), self.expire_session),
            ("POST", re.compile(r"/v1/refunds"), self.create_refund),
            ("GET", re.compile(r"/v1/refunds"), self.list_refunds),
        ]

    # --- The buyer and the clock -------------------------------------------------------------------------------
    def pay(self, name: str, *, amount: int | None = None, currency: str = "krw") -> None:
        """Pay on Stripe's page; another amount or currency than asked is what must never happen."""
        session = self.sessions[name]
        if session["status"] != "open":
            return
        intent = {"id": f"pi_{next(self._numbers)}", "object": "payment_intent", "status": "succeeded"}
        self.intents[intent["id"]] = intent
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"]}
        session |= {"amount_total": amount or session["amount_total"], "currency": currency, "url": None}

    def decline(self, name: str) -> None:
        """Have the bank say no for good, after the page was left."""
        intent = {"id": f"pi_{next(self._numbers)}", "object": "payment_intent", "status": "canceled"}
        self.intents[intent["id"]] = intent
        if self.sessions[name]["status"] == "open":
            self.sessions[name] |= {"status": "complete", "payment_intent": intent["id"], "url": None}

    def let_time_pass(self, name: str) -> None:
        if self.sessions[name]["status"] == "open":
            self.sessions[name] |= {"status": "expired", "url": None}

    def named(self, ref: str) -> str:
        """Return the id of the session of one of our payments."""
        return next(name for name, one in self.sessions.items() if one["client_reference_id"] == ref)

    def notice(self, ref: str, kind: str = "checkout.session.completed", *, at: float | None = None):
        """Return body and signature header of a webhook about a payment, as Stripe would send it at a Unix time."""
        event = {
            "id": f"evt_{kind}_{ref}",
            "object": "event",
            "api_version": VERSION,
            "type": kind,
            "data": {"object": self.sessions[self.named(ref)]},
        }
        body = json.dumps(event)
        header = stripe.WebhookSignature.generate_signature_header(
            body, WEBHOOK_SECRET, timestamp=int(at or time.time())
        )
        return body.encode(), header

    # --- The calls -----------------------------------------------------------------------------------------------
    def refused_caller(self, call: Call) -> Refusal | None:
        if call.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            return _refusal(401, "invalid_request_error", "", "Invalid API Key provided: sk_test_****p7dc")
        if call.headers.get("stripe-version") != VERSION:
            return _refusal(400, "invalid_request_error", "", "the API version is not the pinned one")
        if call.method == "POST" and not call.key:
            return _refusal(400, "invalid_request_error", "", "a POST without an idempotency key")
        return None

    def refused_repeat(self) -> Refusal:
        text = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        return _refusal(400, "idempotency_error", "", text)

    def create_session(self, call: Call) -> Json:
        given = _read(call.body.decode(), SESSION, SESSION_NEEDS)
        life = int(given.get("expires_at", time.time() + MAX_LIFE)) - time.time()
        if not MIN_LIFE <= life <= MAX_LIFE:
            raise _refusal(400, "invalid_request_error", "", "expires_at: 30 minutes to 24 hours from now")
        if (currency := given["line_items[0][price_data][currency]"]) != "krw":
            raise _refusal(400, "invalid_request_error", "", f"not expected: {currency}")
        name = f"cs_test_{next(self._numbers)}"
        price, pieces = (
            given[f"line_items[0]{part}"] for part in ("[price_data][unit_amount]", "[quantity]")
        )
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(price) * int(pieces),
            "currency": currency,
            "client_reference_id": given.get("client_reference_id"),
            "expires_at": int(given["expires_at"]),
            "url": f"https://checkout.stripe.com/c/pay/{name}",
        }
        return self.sessions[name]

    def retrieve_session(self, call: Call, name: str) -> Json:
        expanded = _read(call.query, {r"expand\[\d+\]": "payment_intent"}, set())
        session = self._session(name)
        intent = session["payment_intent"]
        return session | {"payment_intent": self.intents[intent] if expanded and intent else intent}

    def expire_session(self, call: Call, name: str) -> Json:
        session = self._session(name)
        if session["status"] != "open":
            raise _refusal(400, "invalid_request_error", "", "only open sessions can be expired")
        session |= {"status": "expired", "url": None}
        return session

    def create_refund(self, call: Call) -> Json:
        given = _read(call.body.decode(), REFUND, {"payment_intent", "amount"})
        intent = given["payment_intent"]
        paid = sum(one["amount_total"] for one in self.sessions.values() if one["payment_intent"] == intent)
        back = sum(one["amount"] for one in self.refunds if one["payment_intent"] == intent)
        if back + int(given["amount"]) > paid:
            code = "charge_already_refunded" if back == paid else "amount_too_large"
            raise _refusal(400, "invalid_request_error", code, "more than is left")
        refund = {
            "id": f"re_{next(self._numbers)}",
            "object": "refund",
            "amount": int(given["amount"]),
            "payment_intent": intent,
            "status": self.refund_status,
            "metadata": {
                name[len("metadata[") : -1]: value
                for name, value in given.items()
                if name.startswith("metadata[")
            },
        }
        self.refunds.insert(0, refund)
        return refund

    def list_refunds(self, call: Call) -> Json:
        given = _read(call.query, REFUND_LIST, set())
        found = [one for one in self.refunds if one["payment_intent"] == given["payment_intent"]]
        if after := given.get("starting_after"):
            found = found[[one["id"] for one in found].index(after) + 1 :]
        most = int(given.get("limit", 10))
        return {"object": "list", "url": "/v1/refunds", "data": found[:most], "has_more": len(found) > most}

    def _session(self, name: str) -> Json:
        if name not in self.sessions:
            raise _refusal(
                404, "invalid_request_error", "resource_missing", f"No such checkout.session: {name}"
            )
        return self.sessions[name]


def _read(text: str, allowed: dict[str, str], needed: set[str]) -> dict[str, str]:
    """Return form parameters. Raises Refusal for one that is not documented, looks wrong or is missing."""
    given: dict[str, str] = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
    for name, value in given.items():
        looks = next((looks for known, looks in allowed.items() if re.fullmatch(known, name)), None)
        if looks is None:
            raise _refusal(400, "invalid_request_error", "parameter_unknown", f"unknown parameter: {name}")
        if not re.fullmatch(looks, value):
            raise _refusal(400, "invalid_request_error", "parameter_invalid", f"{name}: {value}")
    if missing := needed - set(given):
        raise _refusal(400, "invalid_request_error", "parameter_missing", f"missing: {sorted(missing)}")
    return given


def _refusal(status: int, kind: str, code: str, text: str) -> Refusal:
    error: dict[str, Any] = {"type": kind, "message": text} | ({"code": code} if code else {})
    return Refusal(status, {"error": error})
