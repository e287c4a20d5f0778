from typing import Any

from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from catalog.images import BadImage, reencode
from catalog.models import MAX_STOCK, Product
from common.polite_forms import ask_politely


class ProductForm(forms.ModelForm):
    """A product with its first stock and one picture."""

    stock = forms.IntegerField(
        label=_("재고"),
        min_value=1,
        max_value=MAX_STOCK,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"min_value": _("재고는 1개부터예요.")},
    )
    image = forms.FileField(
        label=_("사진"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}),
    )

    class Meta:
        model = Product
        fields = ["name", "price", "category", "description"]
        widgets = {
            "price": forms.NumberInput(attrs={"inputmode": "numeric", "step": 1}),
            "description": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)

    def clean_image(self) -> ContentFile | None:
        upload = self.cleaned_data["image"]
        if not upload:
            return None
        if upload.size > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
            raise forms.ValidationError(_("사진은 %(limit)sMB까지 올릴 수 있어요."), params={"limit": limit})
        try:
            return reencode(upload)
        except BadImage as error:
            raise forms.ValidationError(error.message) from error

    def product_values(self) -> dict[str, Any]:
        """What `catalog.actions.create_product` takes besides the seller."""
        return {
            key: self.cleaned_data[key]
            for key in ("name", "price", "category", "description", "stock", "image")
        }
