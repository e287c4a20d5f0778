from collections.abc import Callable
from typing import cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html

from common.errors import DomainError
from common.read_only_admin import ReadOnly
from orders.models import Settlement
from orders.settlements.actions import hold_settlement, pay_settlement, release_settlement

Do = Callable[[int, str], None]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="이유·메모", max_length=200)


@admin.register(Settlement)
class SettlementAdmin(ReadOnly, admin.ModelAdmin):
    """Statements are computed, never edited: staff hold, release or pay them, each time saying why."""

    list_display = ["code", "seller", "month", "total", "status", "hold_reason", "paid_at"]
    list_select_related = ["seller"]
    list_filter = ["status", "month"]
    search_fields = ["code", "seller__nickname", "seller__username"]
    date_hierarchy = "month"
    actions = ["hold", "release", "pay"]
    readonly_fields = ["rows"]

    @admin.display(description="장부")
    def rows(self, settlement: Settlement) -> str:
        address = reverse("admin:orders_transfer_changelist")
        return format_html('<a href="{}?settlement__id__exact={}">거래 보기</a>', address, settlement.pk)

    @admin.action(description="지급 보류하기", permissions=["settle"])
    def hold(self, request: HttpRequest, queryset: QuerySet[Settlement]) -> HttpResponse | None:
        return self._ask(request, queryset, "hold", lambda pk, why: hold_settlement(pk, reason=why))

    @admin.action(description="보류 풀기", permissions=["settle"])
    def release(self, request: HttpRequest, queryset: QuerySet[Settlement]) -> HttpResponse | None:
        return self._ask(request, queryset, "release", lambda pk, why: release_settlement(pk))

    @admin.action(description="지급한 것으로 적기", permissions=["settle"])
    def pay(self, request: HttpRequest, queryset: QuerySet[Settlement]) -> HttpResponse | None:
        return self._ask(request, queryset, "pay", lambda pk, why: pay_settlement(pk, note=why))

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_settlement")

    def _ask(
        self, request: HttpRequest, queryset: QuerySet[Settlement], action: str, do: Do
    ) -> HttpResponse | None:
        """Show what is about to happen and ask why; then do it to each, and note who did."""
        form = ReasonForm(request.POST if "sure" in request.POST else None)
        if not form.is_valid():
            context = self.admin_site.each_context(request) | {
                "title": str(getattr(type(self), action).short_description),
                "settlements": queryset.select_related("seller"),
                "action": action,
                "form": form,
                "opts": self.model._meta,
            }
            return render(request, "admin/orders/settlement/confirm.html", context)
        reason = cast(str, form.cleaned_data["reason"])
        for settlement in queryset:
            try:
                do(settlement.pk, reason)
            except DomainError as refusal:
                messages.warning(request, f"{settlement.code}: {refusal.message}")
            else:
                self.log_change(request, settlement, f"{action}: {reason}")
                messages.success(request, f"{settlement.code}: 처리했어요.")
        return None
