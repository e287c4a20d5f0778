"""Stock of one choice of a product: what came in and went out, and the form for more of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import MemberRequest
from catalog.access import get_own_variant
from catalog.models import MAX_STOCK, StockMovement
from catalog.stock import OutOfStock, move_stock
from common.polite_forms import ask_politely

MOVEMENTS_PER_PAGE = 20
Kind = StockMovement.Kind
SIGNS = {Kind.RECEIVED: 1, Kind.RETURNED: 1, Kind.LOST: -1}
"""Which way pieces go; a count of the shelf may find more or fewer."""


class MovementForm(forms.Form):
    """Pieces that come in or go out, and why. A count says how many more (or, with a minus, fewer) were found."""

    kind = forms.ChoiceField(
        label=gettext_lazy("종류"),
        choices=[(kind.value, kind.label) for kind in Kind if kind != Kind.OPENING],
        widget=forms.RadioSelect,
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("수량"),
        min_value=-MAX_STOCK,
        max_value=MAX_STOCK,
        widget=forms.NumberInput(attrs={"step": 1}),
        help_text=gettext_lazy("재고 조사에서 모자라면 -3처럼 적어 주세요."),
    )
    reason = forms.CharField(label=gettext_lazy("사유"), max_length=100, required=False)

    def __init__(self, *args: Any, left: int, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        self.left = left
        ask_politely(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind, quantity = data.get("kind"), data.get("quantity")
        if kind is None or quantity is None:
            return data
        if quantity == 0:
            self.add_error("quantity", _("0개는 옮길 수 없어요. 1개부터 적어 주세요."))
        elif kind in SIGNS and quantity < 0:
            self.add_error("quantity", _("얼마나 되는지 양수로 적어 주세요."))
        elif self.left + self.signed > MAX_STOCK:
            self.add_error("quantity", _("재고는 10만 개까지 둘 수 있어요."))
        return data

    @property
    def signed(self) -> int:
        """The pieces that come in (+) or go out (-)."""
        quantity: int = self.cleaned_data["quantity"]
        return quantity * SIGNS.get(self.cleaned_data["kind"], 1)


@login_required
def stock(request: MemberRequest, code: str) -> HttpResponse:
    variant = get_own_variant(request.user, code)
    data = request.POST if request.method == "POST" else None
    form = MovementForm(data, left=variant.stock.left, initial={"kind": Kind.RECEIVED})
    if data is not None and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            move_stock(
                variant.pk, form.signed, kind=form.cleaned_data["kind"], by=request.user, reason=reason
            )
        except OutOfStock as refusal:
            form.add_error(
                "quantity", _("남은 수량이 %(left)d개라 그만큼 뺄 수 없어요.") % {"left": refusal.left}
            )
        else:
            messages.success(request, _("재고를 바꿨어요."))
            return redirect("catalog:stock", code)
    movements = variant.movements.select_related("by")
    page = Paginator(movements, MOVEMENTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"variant": variant, "product": variant.product, "form": form, "page": page}
    return render(request, "catalog/studio/stock.html", context, status=200 if data is None else 422)
