from collections.abc import Iterable

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common.codes import new_code

MAX_PRICE = 100_000_000
MAX_STOCK = 100_000
MAX_OPTIONS = 3
MAX_VARIANTS = 100


class Category(models.Model):
    """A node of the category tree."""

    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    name = models.CharField(_("이름"), max_length=40)
    slug = models.SlugField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class ShippingRule(models.Model):
    """What a seller asks for sending. Products under one rule travel together: one order pays its fee once."""

    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shipping_rules"
    )
    name = models.CharField(_("이름"), max_length=40)
    fee = models.PositiveIntegerField(_("배송비"), validators=[MaxValueValidator(100_000)])
    free_from = models.PositiveIntegerField(_("무료 배송 기준 금액"), null=True, blank=True)
    """Goods of this rule worth at least so much (won, before coupons) are sent for nothing; None: never."""
    remote_fee = models.PositiveIntegerField(
        _("제주·도서산간 추가 배송비"), default=0, db_default=0, validators=[MaxValueValidator(100_000)]
    )
    """Added for Jeju and the islands, also when the rest is free."""

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["seller", "name"], name="catalog_shipping_rule_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> "ProductQuerySet":
        """What anybody may find and buy."""
        return self.filter(state=Product.State.ON_SALE)

    def with_left(self) -> "ProductQuerySet":
        """With `stock_left` and `stock_version`, sums over the variants on offer: for rows that no page shows."""
        variants = Variant.objects.filter(product=models.OuterRef("pk")).values("product")
        left = variants.filter(active=True).annotate(sum=Sum("stock__left")).values("sum")
        version = variants.annotate(sum=Sum("stock__version")).values("sum")
        return self.annotate(
            stock_left=Coalesce(models.Subquery(left), 0), stock_version=Coalesce(models.Subquery(version), 0)
        )

    def for_cards(self) -> "ProductQuerySet":
        """With everything a card reads, in a fixed number of queries."""
        return self.select_related("seller").prefetch_related("images", "variants__stock")


class Product(models.Model):
    """Something a member sells. Prices are whole won. Each of its variants has a stock row of its own."""

    class Deal(models.TextChoices):
        RETAIL = "retail", _("일반 판매")
        SECOND_HAND = "second_hand", _("중고 거래")
        DIRECT = "direct", _("직거래")

    class State(models.TextChoices):
        ON_SALE = "on_sale", _("판매 중")
        PAUSED = "paused", _("판매 쉬는 중")
        ENDED = "ended", _("판매 끝")

    class Condition(models.TextChoices):
        UNOPENED = "unopened", _("미개봉")
        LIKE_NEW = "like_new", _("거의 새것")
        GOOD = "good", _("사용감 적음")
        FAIR = "fair", _("사용감 있음")
        PARTS = "parts", _("고장·부품용")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="products")
    category = models.ForeignKey(
        Category, verbose_name=_("카테고리"), on_delete=models.PROTECT, related_name="products"
    )
    deal = models.CharField(
        _("거래 방식"), max_length=11, choices=Deal, default=Deal.RETAIL, db_default=Deal.RETAIL
    )
    state = models.CharField(
        _("판매 상태"), max_length=8, choices=State, default=State.ON_SALE, db_default=State.ON_SALE
    )
    name = models.CharField(_("상품 이름"), max_length=80)
    description = models.TextField(_("설명"), max_length=20_000, blank=True)
    """HTML that `catalog.rich_text.clean` let pass, or plain text."""
    price = models.PositiveIntegerField(
        _("판매가"),
        validators=[MinValueValidator(100, _("판매가는 100원부터예요.")), MaxValueValidator(MAX_PRICE)],
    )
    option_names = models.JSONField(_("옵션 이름"), default=list, blank=True)
    """At most MAX_OPTIONS texts such as ["색상", "사이즈"]; empty for a product without options."""
    shipping = models.ForeignKey(
        ShippingRule,
        verbose_name=_("배송비"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
    )
    """None: sent for nothing."""
    return_days = models.PositiveSmallIntegerField(
        _("청약철회 기간"), default=7, db_default=7, validators=[MinValueValidator(7), MaxValueValidator(90)]
    )
    """Days after delivery in which the buyer may withdraw; the law's least is 7 (E-Commerce Act, art. 17)."""
    return_terms = models.TextField(
        _("교환·반품 안내"), max_length=2000, blank=True, default="", db_default=""
    )
    condition = models.CharField(
        _("상태"), max_length=8, choices=Condition, blank=True, default="", db_default=""
    )
    place = models.CharField(_("거래 지역"), max_length=60, blank=True, default="", db_default="")
    """Where second-hand and direct deals are handed over, as the seller words it ("마포구 합정동")."""
    search_text = models.TextField(editable=False, default="", db_default="")
    """What `catalog.search` looks in; `catalog.search.index_text` makes it."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProductQuerySet.as_manager()

    # Only what `with_left` selected has these.
    stock_left: int
    stock_version: int

    class Meta:
        indexes = [
            models.Index(fields=["seller", "-created_at"], name="catalog_product_of_seller"),
            models.Index(
                fields=["category", "-created_at"],
                condition=Q(state="on_sale"),
                name="catalog_on_sale_of_category",
            ),
            models.Index(fields=["-created_at"], condition=Q(state="on_sale"), name="catalog_on_sale"),
            models.Index(
                fields=["category", "price", "-id"],
                condition=Q(state="on_sale"),
                name="catalog_cheapest_of_category",
            ),
            models.Index(fields=["price", "-id"], condition=Q(state="on_sale"), name="catalog_cheapest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def image_url(self) -> str:
        """Address of the first picture, "" without one. Prefetch `images`: this reads them."""
        image = next(iter(self.images.all()), None)
        return str(image.file.url) if image else ""

    @property
    def offered(self) -> "list[Variant]":
        """The variants one can choose, in the seller's order. Prefetch `variants__stock`: this reads them."""
        return [variant for variant in self.variants.all() if variant.active]

    @property
    def left(self) -> int:
        """How many are left of all variants together. Prefetch `variants__stock`."""
        return sum(variant.stock.left for variant in self.offered)

    @property
    def sold_out(self) -> bool:
        """Whether nothing is left. Prefetch `variants__stock`."""
        return self.left == 0


class ProductImage(models.Model):
    """A picture of a product, re-encoded by us; the first one stands for the product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    file = models.FileField()
    """Named by whoever stored it; the sizes stand beside it, so that no page opens it to learn them."""
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.file)


class Variant(models.Model):
    """One choice of a product's options, and the only thing one can buy. A product without options has one."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    values = models.JSONField(default=list, blank=True)
    """As many texts as the product has option names, such as ["검정", "L"]."""
    name = models.CharField(max_length=120, blank=True, default="", db_default="")
    """The values joined by " / "; "" for a product without options."""
    extra_price = models.IntegerField(default=0, db_default=0)
    """Won on top of the product's price, whatever that is at the moment; may be negative."""
    position = models.PositiveSmallIntegerField(default=0, db_default=0)
    active = models.BooleanField(default=True, db_default=True)
    """False: no longer offered. Variants that were ever sold are not deleted."""

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="catalog_variant_name_once_a_product")
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def name_of(values: Iterable[str]) -> str:
        return " / ".join(values)


class Stock(models.Model):
    """How many of a variant are left. Only `catalog.stock` changes it.

    A table of its own, so that buyers who fight over a row never block a reader or editor of the variant.
    What is held and what is sold stands in the lines of orders: left + held + sold is always the sum of the
    variant's `StockMovement`s. `version` grows with every change: browsers drop older news that arrives later.
    """

    variant = models.OneToOneField(Variant, primary_key=True, on_delete=models.CASCADE, related_name="stock")
    left = models.IntegerField(_("남은 수량"))
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(left__gte=0), name="catalog_variant_stock_never_negative"
            )
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.left}"


class StockMovement(models.Model):
    """Pieces that came in or went out otherwise than by an order: the only way a seller changes a count."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("처음 재고")
        RECEIVED = "received", _("입고")
        LOST = "lost", _("분실·파손")
        COUNTED = "counted", _("재고 조사")
        RETURNED = "returned", _("반품 입고")

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=8, choices=Kind)
    quantity = models.IntegerField()
    """Signed; never 0."""
    reason = models.CharField(_("사유"), max_length=100, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="catalog_movement_moves_something")
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.quantity:+d}"
