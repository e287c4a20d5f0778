from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.codes import new_code

MAX_PRICE = 100_000_000
MAX_STOCK = 100_000


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


class Product(models.Model):
    """Something a member sells. Prices are whole won. What is left stands in `Stock`, a table of its own."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="products")
    category = models.ForeignKey(
        Category, verbose_name=_("카테고리"), on_delete=models.PROTECT, related_name="products"
    )
    name = models.CharField(_("상품 이름"), max_length=80)
    description = models.TextField(_("설명"), max_length=2000, blank=True)
    price = models.PositiveIntegerField(
        _("판매가"),
        validators=[MinValueValidator(100, _("판매가는 100원부터예요.")), MaxValueValidator(MAX_PRICE)],
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["seller", "-created_at"], name="catalog_product_of_seller")]

    def __str__(self) -> str:
        return self.name

    @property
    def image_url(self) -> str:
        """Address of the first picture, "" without one. Prefetch `images`: this reads them."""
        image = next(iter(self.images.all()), None)
        return str(image.file.url) if image else ""

    @property
    def sold_out(self) -> bool:
        """Whether nothing is left. Select `stock` with the product: this reads it."""
        return self.stock.left == 0


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


class Stock(models.Model):
    """How many of a product are left. Only `catalog.stock` changes it.

    A table of its own, so that buyers who fight over a row never block a reader or editor of the product.
    `version` grows with every change: browsers drop older news that arrives later.
    """

    product = models.OneToOneField(Product, primary_key=True, on_delete=models.CASCADE, related_name="stock")
    left = models.IntegerField(_("남은 수량"))
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(left__gte=0), name="catalog_stock_never_negative")
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.left}"
