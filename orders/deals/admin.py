"""Deals, coupons and queues for staff: the platform's coupons are made here, all else is only looked at."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from common.read_only_admin import ReadOnly
from orders.deals.coupon_making import create_coupon, stop_coupon
from orders.deals.forms import PlatformCouponForm
from orders.models import Coupon, FlashDeal, Waiting
from orders.staff_views import drop_in_show


@admin.register(Coupon)
class CouponAdmin(ReadOnly, admin.ModelAdmin):
    """A coupon that is added here is the platform's, for everything; nobody changes one afterwards.

    Sellers drop their own coupons in their shows; staff drop the platform's in any show that runs.
    """

    form = PlatformCouponForm
    list_display = ["code", "name", "seller", "quantity", "left", "starts_at", "ends_at", "stopped_at"]
    list_select_related = ["seller"]
    search_fields = ["code", "name", "seller__nickname"]
    actions = ["stop"]

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("orders.add_coupon")

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_coupon")

    def save_model(self, request: HttpRequest, obj: Coupon, form: ModelForm, change: bool) -> None:  # noqa: FBT001
        obj.pk = create_coupon(None, **form.cleaned_data).pk

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/drop/", self.admin_site.admin_view(self.drop), name="orders_coupon_drop")
        return [own, *super().get_urls()]

    def drop(self, request: HttpRequest, pk: int) -> HttpResponse:
        return drop_in_show(self.admin_site, request, pk)

    @admin.action(description="쿠폰 끝내기", permissions=["stop"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Coupon]) -> None:
        for coupon in queryset:
            if stop_coupon(coupon.pk):
                self.log_change(request, coupon, "쿠폰을 끝냄")
        messages.success(request, _("쿠폰을 끝냈어요. 이제 받거나 쓸 수 없어요."))


@admin.register(FlashDeal)
class FlashDealAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["item", "price", "quantity", "left", "per_member", "starts_at", "ends_at", "stopped_at"]
    list_select_related = ["item"]
    date_hierarchy = "starts_at"


@admin.register(Waiting)
class WaitingAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["variant", "member", "status", "since"]
    list_select_related = ["variant", "member"]
    list_filter = ["status"]
    search_fields = ["variant__product__name", "member__nickname"]
