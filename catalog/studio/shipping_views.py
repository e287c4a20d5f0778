"""A seller's shipping fees: products under one rule are sent together and pay its fee once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import MemberRequest
from catalog.models import ShippingRule
from common.polite_forms import ask_politely

RULES_PER_PAGE = 20


class ShippingRuleForm(forms.ModelForm):
    """A rule of `seller`, whose names are different from each other."""

    class Meta:
        model = ShippingRule
        fields = ["name", "fee", "free_from", "remote_fee"]
        widgets = dict.fromkeys(
            ["fee", "free_from", "remote_fee"], forms.NumberInput(attrs={"inputmode": "numeric"})
        )

    def __init__(self, *args: Any, seller: User, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        self.instance.seller = seller
        ask_politely(self)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = ShippingRule.objects.filter(seller=self.instance.seller, name=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("같은 이름의 배송비가 있어요. 다른 이름을 적어 주세요."))
        return name


@login_required
def rules(request: MemberRequest) -> HttpResponse:
    """The rules, and the form for one more."""
    return _edit(request, None)


@login_required
def rule(request: MemberRequest, pk: int) -> HttpResponse:
    """One rule to change; orders that were placed keep what they paid."""
    return _edit(request, get_object_or_404(ShippingRule, seller=request.user, pk=pk))


@require_POST
@login_required
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ShippingRule, seller=request.user, pk=pk)
    if found.products.exists():
        messages.error(request, _("이 배송비를 쓰는 상품이 있어요. 상품의 배송비를 먼저 바꿔 주세요."))
    else:
        found.delete()
        messages.success(request, _("배송비를 지웠어요."))
    return redirect("catalog:shipping")


def _edit(request: MemberRequest, found: ShippingRule | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = ShippingRuleForm(data, instance=found, seller=request.user)
    if data is not None and form.is_valid():
        form.save()
        messages.success(request, _("배송비를 저장했어요."))
        return redirect("catalog:shipping")
    own = ShippingRule.objects.filter(seller=request.user).annotate(used=Count("products"))
    page = Paginator(own.order_by("pk"), RULES_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "rule": found, "page": page}
    return render(request, "catalog/studio/shipping.html", context, status=200 if data is None else 422)
