from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import MAX_STOCK, Product
from common.polite_forms import ask_politely


class ProductForm(forms.ModelForm):
    """A product with its first stock."""

    stock = forms.IntegerField(
        label=_("재고"),
        min_value=1,
        max_value=MAX_STOCK,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"min_value": _("재고는 1개부터예요.")},
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

    def product_values(self) -> dict[str, Any]:
        """What `catalog.actions.create_product` takes besides the seller."""
        return {key: self.cleaned_data[key] for key in ("name", "price", "category", "description", "stock")}
