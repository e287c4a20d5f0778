"""Toss Payments, as far as cards paid on its own page go. https://docs.tosspayments.com/reference"""

import base64
import itertools
import json
import re
from typing import Any

from tests.payments.server import Call, FakeProvider, Json, Refusal

SECRET_KEY = "test_sk_zXLkKEypNArWmo50nX3lmeaxYG5R"
AUTHORIZATION = f"Basic {base64.b64encode(f'{SECRET_KEY}:'.encode()).decode()}"
LONGEST_KEY = 300
LEAST_WON = 100

CREATE = {
    "method": (str, "CARD"),
    "amount": (int, r"\d{1,12}"),
    "orderId": (str, r"[A-Za-z0-9_=-]{6,64}"),
    "orderName": (str, r".{1,100}"),
    "successUrl": (str, r"https?://.+"),
    "failUrl": (str, r"https?://.+"),
}
CONFIRM = {
    "paymentKey": (str, r".{1,200}"),
    "orderId": (str, r"[A-Za-z0-9_=-]{6,64}"),
    "amount": (int, r"\d{1,12}"),
}
CANCEL = {"cancelReason": (str, r".{1,200}"), "cancelAmount": (int, r"[1-9]\d*")}


class FakeToss(FakeProvider):
    """`prove`, `leave` and `let_time_pass` are the buyer's side; `notice` is what a webhook would bring."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[str, Json] = {}
        self.decline_next = False
        self._numbers = itertools.count(1)
        self.routes = [
            ("POST", re.compile(r"/v1/payments"), self.create),
            ("POST", re.compile(r"/v1/payments/confirm"), self.confirm),
            ("GET", re.compile(r"/v1/payments/orders/(?P<order>[^/]+)"), self.retrieve),
            ("POST", re.compile(r"/v1/payments/(?P<name>tgen_\w+)/cancel"), self.cancel),
        ]

    # --- The buyer and the clock -------------------------------------------------------------------------------
    def prove(self, ref: str) -> dict[str, str]:
        """Choose a card and prove who one is; return what the address back to the shop says."""
        payment = self.of(ref)
        if payment["status"] == "READY":
            payment["status"] = "IN_PROGRESS"
        return {
            "paymentType": "NORMAL",
            "orderId": ref,
            "paymentKey": payment["paymentKey"],
            "amount": str(payment["totalAmount"]),
        }

    def leave(self, ref: str, code: str = "PAY_PROCESS_CANCELED") -> dict[str, str]:
        """Give up on Toss's page; return what the address back says."""
        return {"code": code, "message": "취소되었습니다", "orderId": ref}

    def let_time_pass(self, ref: str) -> None:
        if (payment := self.of(ref))["status"] in ("READY", "IN_PROGRESS"):
            payment |= {"status": "EXPIRED", "balanceAmount": 0}

    def of(self, ref: str) -> Json:
        return next(one for one in self.payments.values() if one["orderId"] == ref)

    def notice(self, ref: str) -> bytes:
        """Return the body of a webhook about a payment; nothing proves that it is from Toss."""
        event = {
            "eventType": "PAYMENT_STATUS_CHANGED",
            "createdAt": "2026-01-01T00:00:00.000000",
            "data": self.of(ref),
        }
        return json.dumps(event).encode()

    # --- The calls -----------------------------------------------------------------------------------------------
    def refused_caller(self, call: Call) -> Refusal | None:
        if call.headers.get("authorization") != AUTHORIZATION:
            return _refusal(401, "UNAUTHORIZED_KEY")
        if call.method == "POST" and not 0 < len(call.key) <= LONGEST_KEY:
            return _refusal(400, "INVALID_IDEMPOTENCY_KEY")
        if call.method == "POST" and call.headers.get("content-type") != "application/json":
            return _refusal(400, "INVALID_REQUEST")
        return None

    def refused_repeat(self) -> Refusal:
        return _refusal(400, "INVALID_REQUEST")

    def create(self, call: Call) -> Json:
        given = _read(call, CREATE)
        if any(one["orderId"] == given["orderId"] and one["approvedAt"] for one in self.payments.values()):
            raise _refusal(400, "DUPLICATED_ORDER_ID")
        if given["amount"] < LEAST_WON:
            raise _refusal(400, "BELOW_MINIMUM_AMOUNT")
        name = f"tgen_{next(self._numbers)}"
        self.payments[name] = {
            "paymentKey": name,
            "orderId": given["orderId"],
            "orderName": given["orderName"],
            "status": "READY",
            "currency": "KRW",
            "totalAmount": given["amount"],
            "balanceAmount": given["amount"],
            "approvedAt": None,
            "cancels": None,
            "secret": "ps_never_kept",
            "card": None,
            "checkout": {"url": f"https://api.tosspayments.com/v1/payments/{name}/checkout"},
        }
        return self.payments[name]

    def confirm(self, call: Call) -> Json:
        given = _read(call, CONFIRM)
        payment = self.payments.get(given["paymentKey"])
        if payment is None:
            raise _refusal(404, "NOT_FOUND_PAYMENT")
        if (payment["orderId"], payment["totalAmount"]) != (given["orderId"], given["amount"]):
            raise _refusal(400, "INVALID_REQUEST")
        match payment["status"]:
            case "IN_PROGRESS" if self.decline_next:
                self.decline_next = False
                payment |= {"status": "ABORTED", "balanceAmount": 0}
                raise _refusal(403, "REJECT_CARD_PAYMENT")
            case "IN_PROGRESS":
                payment |= {"status": "DONE", "approvedAt": "2026-01-01T00:00:00+09:00"}
                payment["card"] = {"number": "43301234****123*", "amount": payment["totalAmount"]}
                return payment
            case "DONE":
                raise _refusal(400, "ALREADY_PROCESSED_PAYMENT")
        raise _refusal(404, "NOT_FOUND_PAYMENT_SESSION")

    def retrieve(self, call: Call, order: str) -> Json:
        found = [one for one in self.payments.values() if one["orderId"] == order]
        if call.query or not found:
            raise _refusal(404, "NOT_FOUND_PAYMENT")
        return found[-1]

    def cancel(self, call: Call, name: str) -> Json:
        given = _read(call, CANCEL)
        payment = self.payments.get(name)
        if payment is None or not payment["approvedAt"]:
            raise _refusal(404, "NOT_FOUND_PAYMENT")
        if payment["status"] == "CANCELED":
            raise _refusal(400, "ALREADY_CANCELED_PAYMENT")
        if given["cancelAmount"] > payment["balanceAmount"]:
            raise _refusal(403, "NOT_CANCELABLE_AMOUNT")
        payment["balanceAmount"] -= given["cancelAmount"]
        payment["status"] = "PARTIAL_CANCELED" if payment["balanceAmount"] else "CANCELED"
        payment["cancels"] = [*(payment["cancels"] or []), {**given, "cancelStatus": "DONE"}]
        return payment


def _read(call: Call, wanted: dict[str, tuple[type, str]]) -> dict[str, Any]:
    """Return the body's fields. Raises Refusal unless it has exactly those documented, as they should look."""
    given: dict[str, Any] = json.loads(call.body)
    if set(given) != set(wanted):
        raise _refusal(400, "INVALID_REQUEST")
    for name, (kind, looks) in wanted.items():
        if type(given[name]) is not kind or not re.fullmatch(looks, str(given[name])):
            raise _refusal(400, "INVALID_REQUEST")
    return given


def _refusal(status: int, code: str) -> Refusal:
    return Refusal(status, {"code": code, "message": "…"})
