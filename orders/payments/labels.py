"""How buyers are shown the payment methods."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Label:
    method: str
    """A key of settings.PAYMENTS."""
    name: str | Promise
    note: str | Promise
    icon: str
    """Of components/_icon.html."""
    framed: bool = False
    """Whether its page may be shown inside one of ours; others want the whole window."""


LABELS = {
    label.method: label
    for label in (
        Label(
            method="toss",
            name=_("카드·간편결제"),
            note=_("토스페이먼츠 결제창에서 결제해요."),
            icon="smartphone",
        ),
        Label(
            method="stripe",
            name=_("해외 카드"),
            note=_("Stripe 결제 화면에서 결제해요."),
            icon="credit-card",
        ),
        Label(
            method="sandbox",
            name=_("연습 결제"),
            note=_("실제로 돈이 나가지 않아요."),
            icon="flask-conical",
            framed=True,
        ),
    )
}


def offered() -> list[Label]:
    """Return the labels of the methods that buyers may choose from, the first one to be chosen first."""
    return [LABELS[method] for method in settings.PAYMENT_METHODS]
