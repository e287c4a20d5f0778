from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from common.read_only_admin import ReadOnly
from orders.ads.actions import stop_ad
from orders.models import Ad, AdDay


class DayInline(ReadOnly, admin.TabularInline):
    model = AdDay
    fields = ["day", "impressions", "clicks", "cost", "booked"]


@admin.register(Ad)
class AdAdmin(ReadOnly, admin.ModelAdmin):
    """Sellers buy them by themselves; staff may end one."""

    list_display = [
        "code",
        "seller",
        "product",
        "place",
        "category",
        "click_price",
        "spent",
        "budget",
        "ends_at",
    ]
    list_select_related = ["seller", "product", "category"]
    list_filter = ["place", "ends_at"]
    search_fields = ["code", "seller__nickname", "product__name"]
    inlines = [DayInline]
    actions = ["stop"]

    @admin.action(description="광고 멈추기", permissions=["stop"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Ad]) -> None:
        for ad in queryset:
            if stop_ad(ad):
                self.log_change(request, ad, "stopped")
            else:
                messages.warning(request, f"{ad.code}: 이미 끝난 광고예요.")

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_ad")
