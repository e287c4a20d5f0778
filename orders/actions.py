"""Placing an order and ending one that is not paid. Paying stands in `orders.paying`."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast, LineupItem
from catalog.models import Product
from catalog.stock import take_stock
from common.errors import DomainError
from orders.models import Order, OrderLine, OrderLog, Payment, ShippingAddress
from orders.moves import Status, lock_order, move_order

SELLING = (*Broadcast.ON_AIR, Broadcast.Status.ENDED)
"""One buys during the show and from its replay."""


class NotForSale(DomainError):
    """The product cannot be bought in this broadcast, or not now."""

    code = "not_for_sale"


class OwnProduct(DomainError):
    """Sellers do not buy from themselves."""

    code = "own_product"


class KeyReused(DomainError):
    """The idempotency key belongs to an order with other contents."""

    code = "idempotency_key_reused"


def place_order(
    buyer: User,
    *,
    broadcast: Broadcast,
    product: Product,
    quantity: int,
    address: ShippingAddress,
    idempotency_key: UUID,
) -> Order:
    """Order a product of a show at its price of now; its stock is kept until the order is paid or expires.

    A repeat of the same key returns the order made by the first call, whatever happened since.
    Raises NotForSale, OwnProduct, KeyReused, OutOfStock.
    """

    def repeated() -> Order | None:
        order = Order.objects.filter(buyer=buyer, idempotency_key=idempotency_key).first()
        if order is None:
            return None
        lines = list(order.lines.values_list("product_id", "quantity"))
        same_contents = lines == [(product.pk, quantity)] and order.broadcast_id == broadcast.pk
        if not same_contents or order.address != address:
            raise KeyReused(_("이미 접수한 주문이에요. 내용을 바꾸려면 상품을 다시 골라 주문해 주세요."))
        return order

    if order := repeated():
        return order
    product = check_for_sale(buyer, broadcast=broadcast, product=product)
    total = product.price * quantity
    try:
        with transaction.atomic():
            order = Order.objects.create(
                buyer=buyer,
                seller_id=product.seller_id,
                broadcast=broadcast,
                total=total,
                idempotency_key=idempotency_key,
                expires_at=timezone.now() + timedelta(seconds=settings.ORDER_PAY_SECONDS),
                **asdict(address),
            )
            OrderLine.objects.create(
                order=order, product=product, name=product.name, unit_price=product.price, quantity=quantity
            )
            OrderLog.objects.create(order=order, type="order.placed", by=buyer)
            Payment.objects.create(order=order, method=settings.PAYMENT_METHOD, amount=total)
            take_stock({product.pk: quantity})
    except IntegrityError:
        if order := repeated():  # the same key came a moment earlier
            return order
        raise
    return order


def check_for_sale(buyer: User, *, broadcast: Broadcast, product: Product) -> Product:
    """Return the product as it is now, its price included. Raises NotForSale, OwnProduct."""
    item = (
        LineupItem.objects.select_related("product", "broadcast")
        .filter(broadcast=broadcast, product=product)
        .first()
    )
    if item is None:
        raise NotForSale(_("이 방송에 없는 상품이에요."))
    if item.broadcast.status == Broadcast.Status.CANCELLED:
        raise NotForSale(_("취소된 방송이라 주문할 수 없어요."))
    if item.broadcast.status not in SELLING:
        raise NotForSale(_("방송이 시작되면 주문할 수 있어요."))
    if item.product.seller_id == buyer.pk:
        raise OwnProduct(_("내 상품은 주문할 수 없어요."))
    return item.product


def cancel_order(order_id: int, *, by: User) -> None:
    """The buyer's change of mind before paying. IllegalMove once it is paid or over otherwise."""
    move_order(order_id, Status.CANCELLED, by=by)


@transaction.atomic
def expire_order(order_id: int) -> bool:
    """Give up on an order whose time to be paid is over; whether it was so."""
    return lock_order(order_id).is_overdue and move_order(order_id, Status.EXPIRED)
