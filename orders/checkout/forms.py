from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import PHONE_NUMBER, POSTCODE
from common.polite_forms import ask_politely
from orders.models import MAX_QUANTITY, Checkout, ShippingAddress

ADDRESS_FIELDS = ["ship_name", "ship_phone", "ship_postcode", "ship_address", "ship_address_detail"]


class StartForm(forms.Form):
    """What somebody wants to put in the cart or to buy at once."""

    variant = forms.SlugField()
    quantity = forms.IntegerField(
        label=_("수량"),
        min_value=1,
        max_value=MAX_QUANTITY,
        error_messages={
            "required": _("수량을 적어 주세요."),
            "invalid": _("수량은 숫자로 적어 주세요."),
            "min_value": _("수량은 1개부터예요."),
            "max_value": _("한 번에 %(limit_value)s개까지 살 수 있어요."),
        },
    )
    broadcast = forms.SlugField(required=False)
    price = forms.IntegerField(required=False, min_value=0)
    """Won that the product cost when the page was shown, without the variant's extra price."""
    key = forms.UUIDField(required=False)


class AddressForm(forms.Form):
    """Where a checkout goes."""

    ship_name = forms.CharField(
        label=_("받는 사람"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "shipping name"})
    )
    ship_phone = forms.CharField(
        label=_("연락처"),
        max_length=13,
        validators=[PHONE_NUMBER],
        widget=forms.TextInput(
            attrs={"autocomplete": "shipping tel", "inputmode": "tel", "placeholder": "010-1234-5678"}
        ),
    )
    ship_postcode = forms.CharField(
        label=_("우편번호"),
        max_length=5,
        validators=[POSTCODE],
        widget=forms.TextInput(attrs={"autocomplete": "shipping postal-code", "inputmode": "numeric"}),
    )
    ship_address = forms.CharField(
        label=_("주소"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-line1"}),
    )
    ship_address_detail = forms.CharField(
        label=_("상세 주소"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-line2"}),
    )
    keep = forms.BooleanField(label=_("주소록에 저장하기"), required=False)
    """Offered to members only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)

    @classmethod
    def of(cls, checkout: Checkout) -> "AddressForm":
        """Return the form with the address that the checkout has."""
        return cls(initial={name: getattr(checkout, name) for name in ADDRESS_FIELDS})

    @property
    def address(self) -> ShippingAddress:
        return ShippingAddress(**{name: self.cleaned_data[name] for name in ADDRESS_FIELDS})


class GuestForm(forms.Form):
    """How a guest is reached, and finds the order again."""

    email = forms.EmailField(
        label=_("이메일"),
        help_text=_("주문 확인 메일을 보내 드려요. 주문을 찾을 때도 필요해요."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "name@example.com"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)


class PayForm(forms.Form):
    """The last press: with what, and that the buyer read what is bought."""

    method = forms.ChoiceField()
    agreed = forms.BooleanField(
        label=_("주문 내용과 가격, 배송·반품 조건을 확인했고 결제에 동의해요"),
        error_messages={"required": _("주문 내용을 확인하고 동의해 주세요.")},
    )
    total = forms.IntegerField(widget=forms.HiddenInput)
    """Won that the page showed: another sum is asked about once more."""

    def __init__(self, *args: Any, methods: list[str], **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)
        self.fields["method"].choices = [(method, method) for method in methods]  # type: ignore[attr-defined]
        self.fields["method"].error_messages["required"] = _("결제 방법을 골라 주세요.")
