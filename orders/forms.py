from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import PHONE_NUMBER, POSTCODE, User
from orders.models import MAX_QUANTITY, ShippingAddress

ADDRESS_FIELDS = ["ship_name", "ship_phone", "ship_postcode", "ship_address", "ship_address_detail"]


class OrderForm(forms.Form):
    """How many, and where to. Whether so many are left is decided when the stock is taken, not here."""

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
    ship_name = forms.CharField(
        label=_("받는 사람"),
        max_length=40,
        error_messages={"required": _("받는 사람을 적어 주세요.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    ship_phone = forms.CharField(
        label=_("연락처"),
        max_length=13,
        validators=[PHONE_NUMBER],
        error_messages={"required": _("연락처를 적어 주세요.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "tel", "inputmode": "tel", "placeholder": "010-1234-5678"}
        ),
    )
    ship_postcode = forms.CharField(
        label=_("우편번호"),
        max_length=5,
        validators=[POSTCODE],
        error_messages={"required": _("우편번호를 적어 주세요.")},
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    ship_address = forms.CharField(
        label=_("주소"),
        max_length=200,
        error_messages={"required": _("주소를 적어 주세요.")},
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    ship_address_detail = forms.CharField(
        label=_("상세 주소"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        """`most` is what the quantity field offers at the moment."""
        super().__init__(*args, **kwargs)
        self.fields["quantity"].widget.attrs |= {"max": most, "inputmode": "numeric"}

    def clean(self) -> None:
        if "idempotency_key" in self.errors:  # a hidden field has no place of its own for a message
            self.add_error(None, _("화면을 새로 열고 다시 주문해 주세요."))

    @staticmethod
    def prefilled(member: User) -> dict[str, Any]:
        """Return the initial values for a new order of this member, with a key of its own."""
        return {
            "quantity": 1,
            "ship_name": member.name,
            "ship_phone": member.phone,
            "ship_postcode": member.postcode,
            "ship_address": member.address,
            "ship_address_detail": member.address_detail,
            "idempotency_key": uuid4(),
        }

    @property
    def address(self) -> ShippingAddress:
        return ShippingAddress(**{name: self.cleaned_data[name] for name in ADDRESS_FIELDS})
