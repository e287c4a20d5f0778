"""What sellers say about deals and coupons. Sums are whole won."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import MAX_PRICE, MAX_STOCK
from common.local_time import LocalMomentField
from common.polite_forms import ask_politely
from orders.deals.flash import LONGEST_MINUTES
from orders.models import MAX_QUANTITY, Coupon

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

NUMERIC = {"inputmode": "numeric"}
MOST_PERCENT = 90
MOST_COUPONS = 1_000_000


def number(
    label: "StrPromise", *, least: int, most: int, required: bool = False, **kwargs: Any
) -> forms.IntegerField:  # noqa: ANN401
    """Return a field for a whole number from `least` to `most`."""
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        widget=forms.NumberInput(attrs=NUMERIC | {"min": least}),
        error_messages={
            "invalid": _("숫자로 적어 주세요."),
            "min_value": _("%(limit_value)s부터 적을 수 있어요."),
            "max_value": _("%(limit_value)s까지 적을 수 있어요."),
        },
        **kwargs,
    )


class FlashDealForm(forms.Form):
    """A deal of one product. Whether it is one is decided when it is started (`orders.deals.flash`)."""

    price = number(_("특가"), least=100, most=MAX_PRICE, required=True)
    minutes = number(_("시간(분)"), least=1, most=LONGEST_MINUTES, required=True, initial=10)
    quantity = number(_("수량 한정"), least=1, most=MAX_STOCK)
    per_member = number(_("1인당 수량"), least=1, most=MAX_QUANTITY)
    starts_at = LocalMomentField(
        label=_("시작 시각"), required=False, help_text=_("비워 두면 지금 바로 시작해요.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)


class CouponForm(forms.ModelForm):
    """A new coupon."""

    amount = number(
        _("할인 금액"), least=1, most=MAX_PRICE, help_text=_("금액과 할인율 가운데 하나만 적어 주세요.")
    )
    percent = number(_("할인율(%)"), least=1, most=MOST_PERCENT)
    at_most = number(_("최대 할인 금액"), least=1, most=MAX_PRICE, help_text=_("할인율에만 써요."))
    minimum = number(
        _("최소 주문 금액"), least=0, most=MAX_PRICE, help_text=_("쿠폰을 쓸 수 있는 상품 금액의 합이에요.")
    )
    quantity = number(_("수량"), least=1, most=MOST_COUPONS, required=True)
    starts_at = LocalMomentField(label=_("시작 시각"))
    ends_at = LocalMomentField(label=_("끝나는 시각"))

    class Meta:
        model = Coupon
        fields = [
            *("name", "code", "amount", "percent", "at_most"),
            *("minimum", "quantity", "starts_at", "ends_at"),
        ]
        help_texts = {
            "code": _("영문 대문자와 숫자 4~20자. 구매자가 직접 입력할 수 있어요."),
        }
        error_messages = {"code": {"unique": _("이미 있는 코드예요. 다른 코드를 적어 주세요.")}}
        widgets = {
            "code": forms.TextInput(
                attrs={"autocapitalize": "characters", "autocomplete": "off", "minlength": 4}
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)
        now = timezone.localtime().replace(second=0, microsecond=0)
        self.fields["starts_at"].initial = now
        self.fields["ends_at"].initial = now + timedelta(days=7)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip().upper()
        if not (len(code) >= 4 and code.isascii() and code.isalnum()):
            raise forms.ValidationError(_("영문과 숫자로 4자 이상 적어 주세요."))
        if Coupon.objects.filter(code=code).exists():
            raise forms.ValidationError(_("이미 있는 코드예요. 다른 코드를 적어 주세요."))
        return code

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if (values.get("amount") is None) == (values.get("percent") is None) and not (
            {"amount", "percent"} & set(self.errors)
        ):
            self.add_error("amount", _("할인 금액과 할인율 가운데 하나를 적어 주세요."))
        if values.get("percent") is None:
            values["at_most"] = None
        values["minimum"] = values.get("minimum") or 0
        starts_at, ends_at = values.get("starts_at"), values.get("ends_at")
        if ends_at and ends_at <= timezone.now():
            self.add_error("ends_at", _("이미 지난 시각이에요. 앞으로 올 시각을 골라 주세요."))
        elif starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("시작보다 나중 시각을 골라 주세요."))
        return values


class PlatformCouponForm(CouponForm):
    """A coupon of the platform's, of which it may let the sellers bear a part."""

    class Meta(CouponForm.Meta):
        fields = [*CouponForm.Meta.fields, "platform_share"]


class CouponCodeForm(forms.Form):
    """A code that somebody was given."""

    code = forms.CharField(
        label=_("쿠폰 코드"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)
