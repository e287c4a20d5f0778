"""The seller's orders, by what there is to do."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Product
from orders.models import Claim, Dispute, Order
from orders.models.order import OrderQuerySet
from orders.sending import TO_SEND

Status = Order.Status

ASKED = Exists(Claim.objects.filter(order=OuterRef("pk"), status__in=Claim.OPEN))
DISPUTED = Exists(Dispute.objects.filter(order=OuterRef("pk"), status=Dispute.Status.OPEN))


@dataclass(frozen=True, kw_only=True)
class Tab:
    label: str | Promise
    which: Q
    counted: bool = True
    """Whether the number of orders in it stands beside it."""


TABS = {
    "": Tab(label=gettext_lazy("전체"), which=Q(), counted=False),
    "new": Tab(label=gettext_lazy("새 주문"), which=Q(status=Status.PAID)),
    "preparing": Tab(label=gettext_lazy("준비 중"), which=Q(status=Status.PREPARING)),
    "shipped": Tab(label=gettext_lazy("배송 중"), which=Q(status=Status.SHIPPED)),
    "claims": Tab(label=gettext_lazy("취소·반품"), which=Q(ASKED) | Q(DISPUTED)),
    "delivered": Tab(label=gettext_lazy("배송 완료"), which=Q(status=Status.DELIVERED), counted=False),
    "confirmed": Tab(label=gettext_lazy("구매 확정"), which=Q(status=Status.CONFIRMED), counted=False),
    "over": Tab(
        label=gettext_lazy("취소·환불됨"),
        which=Q(status__in=[Status.CANCELLED, Status.REFUNDED]),
        counted=False,
    ),
}


def orders_in(seller: User, tab: str) -> OrderQuerySet:
    """Return the seller's paid orders in a tab, newest first."""
    return Order.objects.filter(seller=seller).sold().filter(TABS[tab].which)


def counts_of(seller: User) -> dict[str, int]:
    """Return {tab: orders in it} of the tabs that are counted, in one query."""
    counted = {name: Count("pk", filter=tab.which) for name, tab in TABS.items() if tab.counted}
    return Order.objects.filter(seller=seller, paid_at__isnull=False).aggregate(**counted)


def to_send(seller: User) -> OrderQuerySet:
    """Return what waits to be packed and sent, the oldest first: nothing that is handed over or to be cancelled."""
    waiting = Order.objects.filter(seller=seller, status__in=TO_SEND).exclude(deal=Product.Deal.DIRECT)
    return waiting.exclude(ASKED).order_by("paid_at")
