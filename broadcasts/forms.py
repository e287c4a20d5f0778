from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
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


NewProducts = forms.formset_factory(
    NewProductForm, extra=1, max_num=MAX_PRODUCTS, validate_max=True, can_delete=False
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
        return products
