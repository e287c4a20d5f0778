from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.buyer.forms import PiecesForm
from orders.models import Order
from orders.sending import TO_SEND


class RefundForm(PiecesForm):
    """What the seller gives back without being asked; nothing is chosen beforehand."""

    text = forms.CharField(
        label=_("구매자에게 남길 말"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    restock = forms.BooleanField(label=_("상품을 다시 팔 수 있어요 (재고로 되돌리기)"), required=False)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        rest = [line for line in order.lines.all() if line.returned < line.quantity]
        super().__init__(*args, order=order, lines=rest, **kwargs)
        for line in rest:
            self.fields[f"line_{line.pk}"].initial = 0
        self.fields["restock"].initial = order.status in TO_SEND


class AnswerForm(forms.Form):
    """What the seller says to a claim, and what becomes of the goods."""

    answer = forms.CharField(max_length=1000, required=False)
    restock = forms.BooleanField(required=False)


class ParcelsForm(forms.Form):
    """A file to look at; the second time, what the first look kept."""

    file = forms.FileField(label=_("CSV 파일"), required=False, allow_empty_file=True)
    kept = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
