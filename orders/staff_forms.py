from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast
from common.polite_forms import ask_politely
from orders.buyer.forms import PiecesForm
from orders.models import Dispute, Order


class StaffRefundForm(PiecesForm):
    """What staff give back, and why."""

    shipping = forms.IntegerField(
        label=_("돌려줄 배송비"),
        required=False,
        min_value=0,
        help_text=_("비워 두면 마지막 상품과 함께 남은 배송비가 모두 가요."),
    )
    restock = forms.BooleanField(label=_("상품이 재고로 돌아가요"), required=False)
    reason = forms.CharField(label=_("이유"), max_length=100)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        rest = [line for line in order.lines.all() if line.returned < line.quantity]
        super().__init__(*args, order=order, lines=rest, **kwargs)
        ask_politely(self)


class DecisionForm(StaffRefundForm):
    """Who is right; the pieces and the shipping count only when money goes back to the buyer."""

    outcome = forms.ChoiceField(
        label=_("결정"),
        choices=[
            (Dispute.Status.FOR_BUYER, _("구매자에게 환불")),
            (Dispute.Status.FOR_SELLER, _("판매자에게 정산")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("결정 이유 (양쪽에 보여요)"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    field_order = ["outcome", "reason"]

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("outcome") == Dispute.Status.FOR_SELLER:
            return self.cleaned_data
        return super().clean()


class PaidByHandForm(forms.Form):
    """That staff paid a refund themselves, and where that is found."""

    reference = forms.CharField(
        label=_("이체 내역"),
        max_length=150,
        help_text=_("은행과 시각, 거래 번호처럼 나중에 찾을 수 있게 적어 주세요. 계좌번호는 적지 마세요."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)


class ShowField(forms.ModelChoiceField):
    def label_from_instance(self, show: Broadcast) -> str:
        return f"{show.title} · {show.channel.member.nickname}"


class DropForm(forms.Form):
    """The show that staff drop a coupon of the platform's in."""

    show = ShowField(
        label=_("방송"),
        queryset=Broadcast.objects.filter(status__in=Broadcast.ON_AIR)
        .select_related("channel__member")
        .order_by("-started_at"),
        help_text=_(
            "지금 방송 중인 곳만 고를 수 있어요. 그 방송에 떠 있던 쿠폰을 바꾸고, 다른 방송에서는 내려가요."
        ),
        error_messages={"invalid_choice": _("방송 중이 아니에요. 다른 방송을 골라 주세요.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)


class StaffMessageForm(forms.Form):
    """What staff say to both sides."""

    text = forms.CharField(label=_("내용"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)
