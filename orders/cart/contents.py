"""What a cart holds at this moment: prices of now, what is left, and what its owner must be asked about."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from broadcasts.models import LineupItem
from catalog.models import Product, ProductImage
from common.errors import DomainError
from common.prepared import Prepared, keep_related
from orders.holding import SELLING, Wanted, check_for_sale
from orders.models import Cart, CartLine
from orders.pricing import Price, items_for, price_of
from orders.shipping import shipping_fee


@dataclass(frozen=True, kw_only=True)
class CartItem:
    """A line of a cart beside the facts of now."""

    line: CartLine
    price: Price
    chosen: bool
    """Whether its owner means to buy it next."""
    refusal: str
    """Why it cannot be bought at all, in a sentence; "" if it can."""
    in_show: bool
    """Whether its show still counts: its live price and deals, and whose sale it is."""

    @property
    def left(self) -> int:
        return self.line.variant.stock.left

    @property
    def amount(self) -> int:
        """Won, at the price of now."""
        return self.price.unit * self.line.quantity

    @property
    def price_changed(self) -> bool:
        return not self.refusal and self.price.unit != self.line.seen_price

    @property
    def enough_left(self) -> bool:
        return self.left >= self.line.quantity

    @property
    def ready(self) -> bool:
        """Whether it can be bought just as it stands."""
        return not self.refusal and not self.price_changed and self.enough_left

    @property
    def shown(self) -> tuple[object, ...]:
        """What differs whenever the item has to look different, whosever cart it is in."""
        line, variant, product = self.line, self.line.variant, self.line.variant.product
        names = (variant.code, variant.name, product.name, product.image_url)
        left = min(self.left, line.quantity + 1)  # more than enough is not counted for anybody
        return (
            *names,
            self.price.unit,
            self.price.regular,
            line.seen_price,
            line.quantity,
            left,
            self.chosen,
            self.in_show,
            self.refusal,
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            variant_id=self.line.variant_id,
            quantity=self.line.quantity,
            seen_price=self.line.seen_price,
            broadcast_id=self.line.broadcast_id if self.in_show else None,
        )


@dataclass(frozen=True, kw_only=True)
class CartGroup:
    """What one order would hold: the goods of one seller and kind of deal."""

    seller: User
    deal: str
    items: list[CartItem]
    postcode: str

    @property
    def bought(self) -> list[CartItem]:
        return [item for item in self.items if item.chosen and item.ready]

    @property
    def goods(self) -> int:
        return sum(item.amount for item in self.bought)

    @property
    def shipping(self) -> int:
        if self.deal == Product.Deal.DIRECT:  # handed over in person
            return 0
        return shipping_fee(
            ((item.line.variant.product.shipping, item.amount) for item in self.bought),
            postcode=self.postcode,
        )


@dataclass(frozen=True, kw_only=True)
class CartContents:
    groups: list[CartGroup]

    @property
    def items(self) -> list[CartItem]:
        return [item for group in self.groups for item in group.items]

    @property
    def bought(self) -> list[CartItem]:
        """What is chosen and can be bought as it stands."""
        return [item for group in self.groups for item in group.bought]

    @property
    def goods(self) -> int:
        return sum(group.goods for group in self.groups)

    @property
    def shipping(self) -> int:
        return sum(group.shipping for group in self.groups)

    @property
    def total(self) -> int:
        """Won that buying what is chosen costs, shipping included and before any coupon."""
        return self.goods + self.shipping


def read_cart(
    cart: Cart | None, buyer: User | None, *, chosen: Collection[str] | None = None, postcode: str = ""
) -> CartContents:
    """Return what is in the cart, in a fixed number of queries. `chosen` are variant codes; None: all of them."""
    lines = _lines(cart) if cart else []
    shows = {line.variant_id: line.broadcast_id for line in lines}
    found = items_for(shows, [line.variant for line in lines])
    now = timezone.now()
    groups: dict[tuple[int, str], CartGroup] = {}
    for line in lines:
        product = line.variant.product
        item = _of_a_show_that_counts(found.get(line.variant_id))
        group = groups.setdefault(
            (product.seller_id, product.deal),
            CartGroup(seller=product.seller, deal=product.deal, items=[], postcode=postcode),
        )
        group.items.append(
            CartItem(
                line=line,
                price=price_of(line.variant, item, now),
                chosen=chosen is None or line.variant.code in chosen,
                refusal=_refusal(buyer, line, item),
                in_show=item is not None,
            )
        )
    return CartContents(groups=list(groups.values()))


def _lines(cart: Cart) -> list[CartLine]:
    lines = _with_products.rows(cart.pk)
    products = [line.variant.product for line in lines]
    pictures: dict[int, list[ProductImage]] = {product.pk: [] for product in products}
    if pictures:
        for picture in _pictures.rows(*pictures):
            pictures[picture.product_id].append(picture)
    for product in products:
        keep_related(product, "images", pictures[product.pk])
    return lines


_with_products = Prepared(
    lambda cart: CartLine.objects.filter(cart=cart).select_related(
        "variant__product__seller", "variant__product__shipping", "variant__stock", "broadcast"
    )
)


_pictures = Prepared(lambda *products: ProductImage.objects.filter(product__pk__in=products))


def _of_a_show_that_counts(item: LineupItem | None) -> LineupItem | None:
    """A show that was called off takes its price with it, not the goods."""
    return item if item and item.broadcast.status in SELLING else None


def _refusal(buyer: User | None, line: CartLine, item: LineupItem | None) -> str:
    try:
        check_for_sale(buyer, line.variant, item)
    except DomainError as refusal:
        return refusal.message
    return ""
