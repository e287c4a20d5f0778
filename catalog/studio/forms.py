"""The form of a whole product: its columns, its options with their choices, its pictures in order."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.actions import VariantState
from catalog.models import MAX_OPTIONS, MAX_PRICE, MAX_STOCK, MAX_VARIANTS, Product, ShippingRule, Variant
from catalog.rich_text import clean
from common.polite_forms import ask_politely

MAX_VALUE = 30
"""Characters of one option value; three of them and what joins them fit a variant's name."""

NUMBER = forms.NumberInput(attrs={"inputmode": "numeric", "step": 1})


class ProductDetailsForm(forms.ModelForm):
    """The columns of a product, and the stock of one without options while it is new."""

    option_1 = forms.CharField(label=gettext_lazy("옵션 1 이름"), max_length=20, required=False)
    option_2 = forms.CharField(label=gettext_lazy("옵션 2 이름"), max_length=20, required=False)
    option_3 = forms.CharField(label=gettext_lazy("옵션 3 이름"), max_length=20, required=False)
    stock = forms.IntegerField(
        label=gettext_lazy("재고"), min_value=0, max_value=MAX_STOCK, required=False, widget=NUMBER
    )

    class Meta:
        model = Product
        fields = [
            "name",
            "deal",
            "category",
            "price",
            "description",
            "condition",
            "place",
            "shipping",
            "return_days",
            "return_terms",
        ]
        widgets = {
            "deal": forms.RadioSelect,
            "price": NUMBER,
            "return_days": NUMBER,
            "description": forms.Textarea(attrs={"rows": 8}),
            "return_terms": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "description": gettext_lazy(
                "굵게(&lt;b&gt;), 목록(&lt;ul&gt;), 제목(&lt;h3&gt;), 링크(&lt;a&gt;)를 쓸 수 있어요."
            ),
            "return_days": gettext_lazy("배송받은 날부터 7일보다 짧게 정할 수 없어요."),
        }
        error_messages = {
            "return_days": {"min_value": gettext_lazy("청약철회 기간은 7일부터 90일까지 정할 수 있어요.")}
        }

    def __init__(self, *args: Any, seller: User, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        shipping = cast(forms.ModelChoiceField, self.fields["shipping"])
        shipping.queryset = ShippingRule.objects.filter(seller=seller)
        shipping.empty_label = _("무료 배송")
        cast(forms.ChoiceField, self.fields["deal"]).choices = Product.Deal.choices
        for number, name in enumerate(self.instance.option_names, 1):
            self.initial.setdefault(f"option_{number}", name)
        ask_politely(self)

    @property
    def option_names(self) -> list[str]:
        """The names that were filled in, of a form that was sent as of one that was not."""
        names = (self[f"option_{number}"].value() or "" for number in range(1, MAX_OPTIONS + 1))
        return [name for name in (" ".join(str(name).split()) for name in names) if name]

    def clean_description(self) -> str:
        return clean(self.cleaned_data["description"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        second_hand = data.get("deal") == Product.Deal.SECOND_HAND
        if second_hand and not data.get("condition"):
            self.add_error("condition", _("중고 상품의 상태를 골라 주세요."))
        if data.get("deal") == Product.Deal.DIRECT and not data.get("place"):
            self.add_error("place", _("직거래할 곳을 적어 주세요. 예: 마포구 합정동"))
        names = self.option_names
        if len(set(names)) < len(names):
            self.add_error("option_2", _("옵션 이름이 겹쳐요. 서로 다르게 적어 주세요."))
        return data

    def values(self) -> dict[str, Any]:
        """What `create_product` and `change_product` take as columns."""
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return fields | {"option_names": self.option_names}


class VariantForm(forms.Form):
    """One choice of the options."""

    code = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    value_1 = forms.CharField(label=gettext_lazy("값 1"), max_length=MAX_VALUE, required=False)
    value_2 = forms.CharField(label=gettext_lazy("값 2"), max_length=MAX_VALUE, required=False)
    value_3 = forms.CharField(label=gettext_lazy("값 3"), max_length=MAX_VALUE, required=False)
    extra_price = forms.IntegerField(
        label=gettext_lazy("추가 금액"),
        min_value=-MAX_PRICE,
        max_value=MAX_PRICE,
        required=False,
        widget=NUMBER,
    )
    stock = forms.IntegerField(
        label=gettext_lazy("처음 재고"), min_value=0, max_value=MAX_STOCK, required=False, widget=NUMBER
    )
    active = forms.BooleanField(label=gettext_lazy("판매"), required=False, initial=True)

    def all_values(self) -> list[str]:
        """As many texts as there may be options, in order, empty where none was given."""
        texts = (self.cleaned_data.get(f"value_{number}", "") for number in range(1, MAX_OPTIONS + 1))
        return [" ".join(text.split()) for text in texts]


class BaseVariantForms(forms.BaseFormSet):
    """The choices of a product with `option_names` and a price in won."""

    option_names: Sequence[str] = ()
    price = 0

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            if form.errors:
                continue
            values = form.all_values()[: len(self.option_names)]
            if not all(values):
                form.add_error(None, _("옵션 값을 모두 적어 주세요."))
            if any(" / " in value for value in values):
                form.add_error(None, _("옵션 값에는 ‘ / ’를 쓸 수 없어요."))
            if Variant.name_of(values) in seen:
                form.add_error(None, _("같은 옵션이 두 번 있어요. 하나를 지워 주세요."))
            seen.add(Variant.name_of(values))
            total = self.price + (form.cleaned_data.get("extra_price") or 0)
            if not 100 <= total <= MAX_PRICE:
                form.add_error("extra_price", _("추가 금액을 더한 값이 100원보다 작거나 너무 커요."))
        if self.option_names and not self.forms:
            raise forms.ValidationError(
                _("옵션 조합을 만들어 주세요. 값을 적고 ‘조합 만들기’를 누르면 돼요.")
            )

    def states(self) -> list[VariantState]:
        """What `change_product` takes."""
        return [
            VariantState(
                code=form.cleaned_data["code"],
                values=tuple(form.all_values()[: len(self.option_names)]),
                extra_price=form.cleaned_data["extra_price"] or 0,
                active=form.cleaned_data["active"],
                incoming=form.cleaned_data["stock"] or 0,
            )
            for form in self.forms
        ]


VariantForms = forms.formset_factory(
    VariantForm, BaseVariantForms, extra=0, max_num=MAX_VARIANTS, absolute_max=MAX_VARIANTS, validate_max=True
)


def rows_of(product: Product) -> list[dict[str, Any]]:
    """Return the initial rows of `VariantForms`: every choice of today's options, also those not offered."""
    rows = []
    for variant in product.variants.all():
        if product.option_names and len(variant.values) == len(product.option_names):
            values = {f"value_{number}": value for number, value in enumerate(variant.values, 1)}
            facts = {"code": variant.code, "extra_price": variant.extra_price, "active": variant.active}
            rows.append(values | facts)
    return rows


def combined(rows: list[dict[str, Any]], given: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows with one more for each combination of the values that is not among them.

    `given` are the values of each option as typed, separated by commas; an option without values is not there.
    """
    lists = [
        list(dict.fromkeys(filter(None, (" ".join(v.split()) for v in text.split(","))))) for text in given
    ]
    combinations: list[tuple[str, ...]] = [()]
    for values in filter(None, lists):
        combinations = [(*before, value) for before in combinations for value in values]
    known = {
        tuple(filter(None, (row.get(f"value_{number}", "") for number in range(1, MAX_OPTIONS + 1))))
        for row in rows
    }
    added = [values for values in combinations if values and values not in known]
    fresh = [
        {f"value_{n}": value for n, value in enumerate(values, 1)} | {"active": True} for values in added
    ]
    return [*rows, *fresh][:MAX_VARIANTS]
