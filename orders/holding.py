"""Taking a hold: the one way pieces leave the shelf for somebody who is about to pay."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast, LineupItem
from catalog.models import Product, Variant
from catalog.stock import take_stock
from common.deadlocks import again_after_deadlock
from common.errors import DomainError
from common.prepared import Prepared, insert
from orders.deals.taking import take_deals
from orders.evidence import evidence_of
from orders.models import MAX_LINES, Checkout, Evidence, Order, OrderLine, ShippingAddress
from orders.moves import close_checkout, close_locked, lock_checkout
from orders.pricing import Price, PriceKind, items_for, price_of
from orders.shipping import shipping_fee

SELLING = (*Broadcast.ON_AIR, Broadcast.Status.ENDED)
"""One buys during the show and from its replay."""


class NotForSale(DomainError):
    """The product cannot be bought, not in this show, or not now."""

    code = "not_for_sale"


class OwnProduct(DomainError):
    """Sellers do not buy from themselves."""

    code = "own_product"


class KeyReused(DomainError):
    """The idempotency key belongs to a checkout with other contents."""

    code = "idempotency_key_reused"


class PriceChanged(DomainError):
    """Something costs another price than the buyer was shown: ask before charging. {variant id: price of now}."""

    code = "price_changed"

    def __init__(self, prices: Mapping[int, Price]) -> None:
        super().__init__(_("그사이 가격이 바뀌었어요. 새 가격을 확인해 주세요."))
        self.prices = dict(prices)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Some pieces of a variant, in the show the buyer found it in, at the price the buyer saw (won)."""

    variant_id: int
    quantity: int
    seen_price: int
    broadcast_id: int | None = None


@again_after_deadlock
def take_hold(
    buyer: User | None,
    wanted: Sequence[Wanted],
    *,
    key: UUID,
    email: str = "",
    from_cart: bool = False,
    seconds: int | None = None,
    agreed: Mapping[int, int] | None = None,
    address: ShippingAddress | None = None,
) -> Checkout:
    """Take pieces off the shelf for somebody who is about to pay, for settings.HOLD_SECONDS or `seconds`.

    `buyer` None is a guest. `agreed` is {variant id: won} that an accepted offer fixed. Sending is priced for
    `address`, if it is known yet. All or nothing; a repeat of the same key returns what the first call made,
    whatever happened since.
    Raises NotForSale, OwnProduct, PriceChanged, DealOver, DealForMembers, OutOfStock, KeyReused.
    """
    wanted = sorted(wanted, key=lambda one: one.variant_id)
    now = timezone.now()
    try:
        parts = _priced(buyer, wanted, now, agreed or {})
        with transaction.atomic():
            checkout = Checkout(
                buyer=buyer,
                email=email,
                idempotency_key=key,
                from_cart=from_cart,
                expires_at=now + timedelta(seconds=seconds or settings.HOLD_SECONDS),
                **(asdict(address) if address else {}),
            )
            _write(checkout, parts, now)
            take_stock({one.variant_id: one.quantity for one in wanted})
    except (DomainError, IntegrityError):  # the key is unique: whoever comes again is seldom, and found here
        if repeated := _repeated(buyer, wanted, key):
            return repeated
        raise
    return checkout


@dataclass(frozen=True, kw_only=True)
class _Part:
    variant: Variant
    item: LineupItem | None
    quantity: int
    price: Price


def _repeated(buyer: User | None, wanted: Sequence[Wanted], key: UUID) -> Checkout | None:
    checkout = Checkout.objects.filter(idempotency_key=key).first()
    if checkout is None:
        return None
    lines = OrderLine.objects.filter(order__checkout=checkout)
    held = sorted(lines.values_list("variant_id", "quantity"))
    if checkout.buyer_id != (buyer and buyer.pk) or held != [
        (one.variant_id, one.quantity) for one in wanted
    ]:
        raise KeyReused(_("이미 접수한 주문이에요. 내용을 바꾸려면 상품을 다시 골라 주문해 주세요."))
    return checkout


def _priced(
    buyer: User | None, wanted: Sequence[Wanted], now: datetime, agreed: Mapping[int, int]
) -> list[_Part]:
    if not 0 < len(wanted) <= MAX_LINES:
        raise NotForSale(_("한 번에 %(most)d가지까지 주문할 수 있어요.") % {"most": MAX_LINES})
    variants = {variant.pk: variant for variant in _variants.rows(*(one.variant_id for one in wanted))}
    shows = {one.variant_id: one.broadcast_id for one in wanted}
    items = items_for(shows, variants.values())
    parts = []
    for one in wanted:
        variant = variants.get(one.variant_id)
        item = items.get(one.variant_id)
        if variant is None or (one.broadcast_id and item is None):
            raise NotForSale(_("이 방송에 없는 상품이에요.") if one.broadcast_id else _("없는 상품이에요."))
        check_for_sale(buyer, variant, item)
        price = price_of(variant, item, now)
        if variant.pk in agreed:
            price = Price(unit=agreed[variant.pk], regular=price.regular, kind=PriceKind.OFFER)
        parts.append(_Part(variant=variant, item=item, quantity=one.quantity, price=price))
    changed = {
        part.variant.pk: part.price
        for part, one in zip(parts, wanted, strict=True)
        if part.price.unit != one.seen_price
    }
    if changed:
        raise PriceChanged(changed)
    return parts


_variants = Prepared(
    lambda *ids: Variant.objects.select_related("product__seller", "product__shipping").filter(pk__in=ids)
)


def check_for_sale(buyer: User | None, variant: Variant, item: LineupItem | None) -> None:
    """Refuse what cannot be bought, by this buyer, in this show. Raises NotForSale, OwnProduct.

    Select `product` with the variant and `broadcast` with the item: this reads them.
    """
    product = variant.product
    if item is not None and item.broadcast.status == Broadcast.Status.CANCELLED:
        raise NotForSale(_("취소된 방송이라 주문할 수 없어요."))
    if item is not None and item.broadcast.status not in SELLING:
        raise NotForSale(_("방송이 시작되면 주문할 수 있어요."))
    if product.state != Product.State.ON_SALE or not variant.active:
        raise NotForSale(_("지금은 판매하지 않는 상품이에요."))
    if buyer is not None and product.seller_id == buyer.pk:
        raise OwnProduct(_("내 상품은 주문할 수 없어요."))


def _write(checkout: Checkout, parts: list[_Part], now: datetime) -> None:
    by_order: dict[tuple[int, str], list[_Part]] = defaultdict(list)
    for part in parts:
        by_order[part.variant.product.seller_id, part.variant.product.deal].append(part)
    orders = [_order(checkout, group, deal) for (_seller, deal), group in by_order.items()]
    checkout.goods = sum(order.goods for order in orders)
    checkout.shipping = sum(order.shipping for order in orders)
    checkout.total = checkout.goods + checkout.shipping
    insert(checkout)
    lines: list[OrderLine] = []
    cards: list[Evidence] = []
    for order, group in zip(orders, by_order.values(), strict=True):
        order.checkout = checkout
        insert(order)
        own = [_line(order, part) for part in group]
        lines += own
        kinds = [part.price.kind for part in group]
        cards.append(evidence_of(order, own, kinds, order.broadcast, now))
    # Before the lines, which point to the deals: MySQL locks what a new row points to, and two buyers would then
    # each wait for the other to let go of the deal.
    take_deals(lines, checkout.buyer_id)
    insert(*lines)
    insert(*cards)


def _order(checkout: Checkout, group: list[_Part], deal: str) -> Order:
    goods = sum(part.price.unit * part.quantity for part in group)
    shipping = 0
    if deal != Product.Deal.DIRECT:  # handed over in person: nothing is sent
        shipping = shipping_fee(
            ((part.variant.product.shipping, part.price.unit * part.quantity) for part in group),
            postcode=checkout.ship_postcode,
        )
    return Order(
        buyer=checkout.buyer,
        seller=group[0].variant.product.seller,
        broadcast=next((part.item.broadcast for part in group if part.item), None),
        deal=deal,
        goods=goods,
        shipping=shipping,
        total=goods + shipping,
    )


def _line(order: Order, part: _Part) -> OrderLine:
    return OrderLine(
        order=order,
        product=part.variant.product,
        variant=part.variant,
        broadcast=part.item.broadcast if part.item else None,
        flash_deal=part.price.deal,
        name=part.variant.product.name,
        variant_name=part.variant.name,
        regular_price=part.price.regular,
        unit_price=part.price.unit,
        quantity=part.quantity,
    )


class NoExtension(DomainError):
    """The hold was made longer once already, or is over."""

    code = "no_extension"


@transaction.atomic
def extend_hold(checkout_id: int) -> Checkout:
    """Give the buyer settings.HOLD_EXTENSION_SECONDS more, once. Raises NoExtension."""
    checkout = lock_checkout(checkout_id)
    if checkout.extended or not checkout.in_time(timezone.now()):
        raise NoExtension(_("시간을 더 늘릴 수 없어요."))
    checkout.expires_at += timedelta(seconds=settings.HOLD_EXTENSION_SECONDS)
    checkout.extended = True
    checkout.save(update_fields=["expires_at", "extended"])
    return checkout


def cancel_hold(checkout_id: int, *, by: User | None) -> None:
    """The buyer's change of mind before paying. IllegalMove once it is paid or over otherwise."""
    close_checkout(checkout_id, Checkout.Status.CANCELLED, by=by)


@again_after_deadlock
@transaction.atomic
def expire_hold(checkout_id: int) -> bool:
    """Give up on a checkout whose time to be paid is over; whether it was so."""
    checkout = lock_checkout(checkout_id)
    if not checkout.is_overdue:
        return False
    close_locked(checkout, Checkout.Status.EXPIRED)
    return True
