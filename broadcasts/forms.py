from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from broadcasts.live_price import LEAST_PRICE, BadPrice, check_lower, lowest_extra
from broadcasts.models import Broadcast
from catalog.actions import StoredImage
from catalog.forms import ProductForm
from catalog.models import Product
from media_pipeline.fields import AssetField
from media_pipeline.models import Asset

MAX_PRODUCTS = 20


class NewProductForm(ProductForm):
    """A product of `owner` with a picture that was uploaded beforehand."""

    image = AssetField(label=_("사진"), purpose=Asset.Purpose.PRODUCT, required=False)

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        cast(AssetField, self.fields["image"]).owner = owner

    def product_values(self) -> dict[str, Any]:
        asset = self.cleaned_data["image"]
        image = asset and StoredImage(name=asset.storage_key, width=asset.width, height=asset.height)
        return super().product_values() | {"image": image}


class LineupProductForm(NewProductForm):
    """A new product of a show, with what it costs while that is on the air."""

    live_price = forms.IntegerField(
        label=_("방송 중 가격"),
        required=False,
        help_text=_("방송하는 동안만 이 가격에 팔아요."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": LEAST_PRICE}),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        live_price, price = values.get("live_price"), values.get("price")
        if live_price is not None and price is not None:
            try:
                check_lower(live_price, usual=price)
            except BadPrice as refusal:
                self.add_error("live_price", refusal.message)
        return values


NewProducts = forms.formset_factory(
    LineupProductForm, extra=1, max_num=MAX_PRODUCTS, validate_max=True, can_delete=False
)


class BroadcastForm(forms.ModelForm):
    """A show's title and which of the seller's products come along; new ones come in `NewProducts`."""

    products = forms.ModelMultipleChoiceField(
        label=_("내 상품에서 고르기"),
        queryset=Product.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Broadcast
        fields = ["title"]
        error_messages = {"title": {"required": _("방송 제목을 적어 주세요.")}}

    def __init__(self, *args: Any, seller: User, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        own = Product.objects.filter(seller=seller).order_by("-created_at")
        picker = cast(forms.ModelMultipleChoiceField, self.fields["products"])
        picker.queryset = own.prefetch_related("images", "variants__stock")

    def clean_products(self) -> list[Product]:
        products = list(self.cleaned_data["products"])
        if len(products) > MAX_PRODUCTS:
            raise forms.ValidationError(_("한 방송에 상품은 20개까지 넣을 수 있어요."))
        for product in products:
            self._check_live_price(product)
        return products

    def live_price(self, code: str) -> int | None:
        """What the field beside a chosen product says, checked; None if it is left empty."""
        text = self.data.get(f"live-price-{code}", "").strip()
        return int(text) if text else None

    def picks(self) -> Iterator[tuple[BoundWidget, str]]:
        """Each product's checkbox, and what stands in the live price field beside it."""
        for choice in self["products"]:
            code = str(choice.data["value"])
            yield choice, self.data.get(f"live-price-{code}", "")

    def _check_live_price(self, product: Product) -> None:
        try:
            price = self.live_price(product.code)
            if price is not None:
                check_lower(price, usual=product.price, lowest_extra=lowest_extra(product))
        except (ValueError, BadPrice) as error:
            problem = (
                error.message if isinstance(error, BadPrice) else _("방송 중 가격을 숫자로 적어 주세요.")
            )
            raise forms.ValidationError(f"{product.name}: {problem}") from error
