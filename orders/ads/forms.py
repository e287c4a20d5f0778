from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Category, Product
from common.local_time import LocalMomentField
from common.polite_forms import ask_politely
from orders.models import Ad

NEWEST_PRODUCTS = 200
LONGEST = timedelta(days=90)
MAX_BUDGET = 100_000_000
MAX_CLICK_PRICE = 100_000


class AdForm(forms.ModelForm):
    """A place for one of the seller's own products."""

    product = forms.ModelChoiceField(
        label=gettext_lazy("광고할 상품"),
        queryset=Product.objects.none(),
        to_field_name="code",
        empty_label=gettext_lazy("상품을 골라 주세요"),
    )
    place = forms.ChoiceField(
        label=gettext_lazy("광고 위치"), choices=Ad.Place.choices, initial=Ad.Place.MAIN
    )
    category = forms.ModelChoiceField(
        label=gettext_lazy("카테고리"),
        queryset=Category.objects.all(),
        required=False,
        empty_label=gettext_lazy("없음"),
        help_text=gettext_lazy("카테고리에 광고할 때 골라 주세요."),
    )
    starts_at = LocalMomentField(label=gettext_lazy("시작"))
    ends_at = LocalMomentField(label=gettext_lazy("끝"))

    class Meta:
        model = Ad
        fields = ["product", "place", "category", "click_price", "budget", "starts_at", "ends_at"]
        widgets = {
            "click_price": forms.NumberInput(attrs={"inputmode": "numeric", "step": 10}),
            "budget": forms.NumberInput(attrs={"inputmode": "numeric", "step": 1000}),
        }

    def __init__(self, *args: Any, seller: User, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)
        products = self.fields["product"]
        assert isinstance(products, forms.ModelChoiceField)  # noqa: S101 for the type checker
        newest = Product.objects.on_sale().filter(seller=seller).order_by("-created_at", "-pk")
        # A slice takes no further filter, which the field needs to look a choice up.
        ids = list(newest.values_list("pk", flat=True)[:NEWEST_PRODUCTS])
        products.queryset = newest.filter(pk__in=ids)

    def clean_click_price(self) -> int:
        return self._at_most("click_price", MAX_CLICK_PRICE)

    def clean_budget(self) -> int:
        return self._at_most("budget", MAX_BUDGET)

    def _at_most(self, name: str, most: int) -> int:
        amount: int = self.cleaned_data[name]
        if amount > most:
            raise forms.ValidationError(_("%(most)s원까지 쓸 수 있어요.") % {"most": f"{most:,}"})
        return amount

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("place") == Ad.Place.CATEGORY and not values.get("category"):
            self.add_error("category", _("광고할 카테고리를 골라 주세요."))
        click_price, budget = values.get("click_price"), values.get("budget")
        if click_price and budget and budget < click_price:
            self.add_error("budget", _("예산은 클릭당 금액보다 커야 해요."))
        starts_at, ends_at = values.get("starts_at"), values.get("ends_at")
        if starts_at and ends_at:
            if ends_at <= max(starts_at, timezone.now()):
                self.add_error("ends_at", _("끝나는 시각을 시작보다 뒤로 골라 주세요."))
            elif ends_at - starts_at > LONGEST:
                self.add_error("ends_at", _("광고는 90일까지 할 수 있어요."))
        return values

    def place_values(self) -> dict[str, Any]:
        """What `orders.ads.actions.buy_place` takes besides the product."""
        return {key: value for key, value in self.cleaned_data.items() if key != "product"}
