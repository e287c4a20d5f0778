from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Variant
from common.local_time import LocalMomentField
from common.polite_forms import ask_politely
from orders.models import Meeting
from orders.second_hand.codes import DIGITS


class PriceForm(forms.Form):
    """A price and a word with it. Whether the price is possible is decided when it is named, not here."""

    price = forms.IntegerField(
        label=_("제안 금액(원)"),
        min_value=1,
        max_value=1_000_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1}),
        error_messages={
            "invalid": _("금액은 숫자로 적어 주세요."),
            "min_value": _("금액을 다시 확인해 주세요."),
        },
    )
    message = forms.CharField(
        label=_("메시지"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 200}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)


class OfferForm(PriceForm):
    """The first price, for one of the variants a product has."""

    variant = forms.ModelChoiceField(
        label=_("옵션"), queryset=Variant.objects.none(), to_field_name="code", empty_label=None
    )
    field_order = ("variant", "price", "message")

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        """A product without options asks for none: its one variant goes along unseen."""
        super().__init__(*args, **kwargs)
        picker = self.fields["variant"]
        assert isinstance(picker, forms.ModelChoiceField)  # noqa: S101 for the type checker
        picker.queryset = Variant.objects.filter(product=product, active=True)
        if len(product.offered) == 1:
            picker.widget = forms.HiddenInput()
            self.initial.setdefault("variant", product.offered[0].code)


class SeenPriceForm(forms.Form):
    """The price that the page showed with its button."""

    price = forms.IntegerField()


class SeenMomentForm(forms.Form):
    """The time that the page showed with its button, as ISO 8601."""

    at = forms.DateTimeField()


class MeetingForm(forms.ModelForm):
    """Where and when. Whether the time is possible is decided when it is proposed."""

    at = LocalMomentField(label=_("시간"))

    class Meta:
        model = Meeting
        fields = ("place", "at")
        widgets = {
            "place": forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("합정역 3번 출구 앞")})
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)


class ContestForm(forms.Form):
    """What really happened, in the words of who is said to have missed it."""

    text = forms.CharField(label=_("있었던 일"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)


class CodeForm(forms.Form):
    """The digits that the buyer tells."""

    code = forms.RegexField(
        rf"^\d{{{DIGITS}}}$",
        label=_("인수 코드"),
        strip=True,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "maxlength": DIGITS,
                "placeholder": "000000",
            }
        ),
        error_messages={"invalid": _("인수 코드는 숫자 여섯 자리예요.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)
