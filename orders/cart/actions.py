"""Every write to a cart. Each takes the cart's row first, so that two tabs of one person go one after the other."""

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast
from catalog.models import Variant
from common.errors import DomainError
from common.prepared import Prepared, PreparedUpdate, insert
from orders.cart.cookie import KEPT, token_in
from orders.holding import check_for_sale
from orders.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from orders.pricing import items_for, price_of

CARTS_A_ROUND = 1000


class CartFull(DomainError):
    """As many different things as one cart holds."""

    code = "cart_full"


def cart_of(request: HttpRequest) -> Cart | None:
    """Return the cart of who asks: the member's, or the one a guest's cookie names. None before anything is in it."""
    if request.user.is_authenticated:
        return _of_member.first(request.user.pk)
    token = token_in(request)
    return _of_guest.first(token) if token else None


_of_member = Prepared(lambda member: Cart.objects.filter(member=member))
_of_guest = Prepared(lambda token: Cart.objects.filter(member=None, token=token))


def open_cart(request: HttpRequest) -> Cart:
    """Return the cart of who asks, a new one if there is none. Answer a guest with `cookie.remember`."""
    if request.user.is_authenticated:
        return Cart.objects.get_or_create(member=request.user)[0]
    return cart_of(request) or Cart.objects.create()


@transaction.atomic
def put_in(cart: Cart, variant: Variant, quantity: int, *, broadcast: Broadcast | None) -> CartLine:
    """Add pieces of a variant, found in a show or outside any. More than MAX_QUANTITY are cut off.

    Select `product` with the variant: this reads it. Raises NotForSale, OwnProduct, CartFull.
    """
    show_id = broadcast.pk if broadcast else None
    item = items_for({variant.pk: show_id}, [variant]).get(variant.pk)
    check_for_sale(cart.member, variant, item)
    if not _take(cart):  # merged at sign-in in another tab
        cart = Cart.objects.create(member=cart.member)
    lines = {line.variant_id: line for line in _lines.rows(cart.pk)}
    known = lines.get(variant.pk)
    line = known or CartLine(cart=cart, variant=variant, quantity=0)
    if known is None and len(lines) >= MAX_LINES:
        raise CartFull(
            _("장바구니에는 %(most)d가지까지 담을 수 있어요. 몇 가지를 빼고 다시 담아 주세요.")
            % {"most": MAX_LINES}
        )
    line.quantity = min(line.quantity + quantity, MAX_QUANTITY)
    line.broadcast = item.broadcast if item else None
    line.seen_price = price_of(variant, item, timezone.now()).unit
    if known:
        line.save()
    else:
        insert(line)
    return line


@transaction.atomic
def set_quantity(cart: Cart, variant_code: str, quantity: int) -> None:
    """Have so many pieces of a variant in the cart, at least one; nothing happens if it is not in it any more."""
    _take(cart)
    kept = min(max(quantity, 1), MAX_QUANTITY)
    cart.lines.filter(variant__code=variant_code).update(quantity=kept)


@transaction.atomic
def accept_price(cart: Cart, variant_code: str, price: int) -> None:
    """Note that the cart's owner saw this price (won a piece). Buying asks again if it is not the one of then."""
    _take(cart)
    cart.lines.filter(variant__code=variant_code).update(seen_price=price)


@transaction.atomic
def take_out(cart: Cart, variant_code: str) -> None:
    _take(cart)
    cart.lines.filter(variant__code=variant_code).delete()


@transaction.atomic
def merge(guest_cart: Cart, member: User) -> None:
    """Put what a guest collected into the cart of the member they turned out to be. The guest's cart goes.

    What is in both stays once, with the larger of both quantities: the same person most likely put the same thing
    in twice, on two devices, and would rather have it once too few than twice too many. A cart that grows beyond
    MAX_LINES by this stays whole.
    """
    own, _new = Cart.objects.get_or_create(member=member)
    carts = Cart.objects.select_for_update().in_bulk(sorted([own.pk, guest_cart.pk]))
    if guest_cart.pk not in carts or carts[guest_cart.pk].member_id is not None:
        return  # another tab signed in a moment earlier
    mine = {line.variant_id: line for line in own.lines.all()}
    for line in guest_cart.lines.all():
        if kept := mine.get(line.variant_id):
            kept.quantity = max(kept.quantity, line.quantity)
            kept.broadcast_id, kept.seen_price = line.broadcast_id, line.seen_price  # what was looked at last
            kept.save(update_fields=["quantity", "broadcast", "seen_price"])
        else:
            CartLine.objects.filter(pk=line.pk).update(cart=own)
    guest_cart.delete()
    own.save(update_fields=["changed_at"])


def forget_old_carts() -> int:
    """Throw away what guests left behind longer ago than their cookie lives; return how many carts went."""
    old = Cart.objects.filter(member=None, changed_at__lt=timezone.now() - KEPT).order_by("changed_at")
    return (
        Cart.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:CARTS_A_ROUND]))
        .delete()[1]
        .get("orders.Cart", 0)
    )


def _take(cart: Cart) -> bool:
    """Hold the cart's row until the transaction ends, as changed now; False if the cart is gone."""
    return bool(_touch(cart.pk, timezone.now()))


_touch = PreparedUpdate(lambda pk, now: (Cart.objects.filter(pk=pk), {"changed_at": now}))
_lines = Prepared(lambda cart: CartLine.objects.filter(cart=cart))
