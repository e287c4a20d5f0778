from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from common.read_only_admin import ReadOnly
from orders import (
    claim_admin,  # noqa: F401 these register their pages
    dispute_admin,  # noqa: F401
    notice_admin,  # noqa: F401
)
from orders.ads import admin as _ads  # noqa: F401
from orders.deals import admin as _deals  # noqa: F401
from orders.ledger import admin as _ledger  # noqa: F401
from orders.models import Checkout, Order, OrderLine, OrderLog, Payment, Refund
from orders.second_hand import admin as _second_hand  # noqa: F401
from orders.settlements import admin as _settlements  # noqa: F401
from orders.staff_views import note_refund_by_hand, refund_order


class LineInline(ReadOnly, admin.TabularInline):
    model = OrderLine


class PaymentInline(ReadOnly, admin.TabularInline):
    model = Payment


class RefundInline(ReadOnly, admin.TabularInline):
    model = Refund
    fields = ["key", "amount", "shipping", "reason", "status", "created_at", "done_at"]
    readonly_fields = ["key", "created_at"]
    show_change_link = True


class LogInline(ReadOnly, admin.TabularInline):
    model = OrderLog
    fields = ["at", "type", "before", "note", "by"]
    readonly_fields = ["at"]


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin):
    """Orders move by what people do; staff give money back with a reason, on a page of its own."""

    list_display = ["code", "buyer", "seller", "deal", "status", "total", "refunded", "paid_at"]
    list_select_related = ["buyer", "seller"]
    list_filter = ["status", "deal"]
    search_fields = ["code", "buyer__nickname", "buyer__username", "seller__nickname"]
    date_hierarchy = "created_at"
    inlines = [LineInline, RefundInline, LogInline]

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/refund/", self.admin_site.admin_view(self.refund), name="orders_order_refund")
        return [own, *super().get_urls()]

    def refund(self, request: HttpRequest, pk: int) -> HttpResponse:
        return refund_order(self.admin_site, request, pk)


@admin.register(Checkout)
class CheckoutAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "buyer", "masked_email", "status", "total", "created_at", "expires_at", "closed_at"]
    list_select_related = ["buyer"]
    list_filter = ["status"]
    search_fields = ["orders__code", "buyer__nickname", "buyer__username", "email", "payments__ref"]
    exclude = ["code"]
    inlines = [PaymentInline]

    @admin.display(description="비회원 이메일")
    def masked_email(self, checkout: Checkout) -> str:
        """Lists are looked over by many: whose it is stands on the page of the one."""
        name, at, host = checkout.email.partition("@")
        return f"{name[:2]}***{at}{host}" if at else ""


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["ref", "checkout", "method", "amount", "paid", "status", "created_at", "confirmed_at"]
    list_select_related = ["checkout"]
    list_filter = ["status", "method"]
    search_fields = ["ref", "provider_ref", "checkout__orders__code"]
    inlines = [RefundInline]


@admin.register(Refund)
class RefundAdmin(ReadOnly, admin.ModelAdmin):
    """Money on its way back. What the provider refused (`status`) staff pay by hand, and say so here."""

    list_display = ["key", "payment", "order", "amount", "status", "reason", "created_at", "done_at"]
    list_select_related = ["payment", "order"]
    list_filter = ["status"]
    search_fields = ["key", "order__code", "payment__ref"]
    date_hierarchy = "created_at"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.by_hand)
        return [path("<int:pk>/by-hand/", view, name="orders_refund_by_hand"), *super().get_urls()]

    def by_hand(self, request: HttpRequest, pk: int) -> HttpResponse:
        return note_refund_by_hand(self.admin_site, request, pk)
