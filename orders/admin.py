from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from orders import notice_admin  # noqa: F401 registers its page

# Imported for what they register.
from orders.ads import admin as _ads  # noqa: F401
from orders.ledger import admin as _ledger  # noqa: F401
from orders.models import Checkout, Order, OrderLine, OrderLog, Payment, Refund
from orders.settlements import admin as _settlements  # noqa: F401


class ReadOnly(admin.options.BaseModelAdmin):
    """Money and stock are never edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class LineInline(ReadOnly, admin.TabularInline):
    model = OrderLine


class PaymentInline(ReadOnly, admin.TabularInline):
    model = Payment


class LogInline(ReadOnly, admin.TabularInline):
    model = OrderLog
    fields = ["type", "before", "by", "at"]
    readonly_fields = ["at"]


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["code", "buyer", "seller", "status", "total", "created_at", "paid_at"]
    list_select_related = ["buyer", "seller"]
    list_filter = ["status"]
    search_fields = ["code", "buyer__nickname", "buyer__username", "seller__nickname"]
    date_hierarchy = "created_at"
    inlines = [LineInline, LogInline]


class RefundInline(ReadOnly, admin.TabularInline):
    model = Refund


@admin.register(Checkout)
class CheckoutAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "buyer", "status", "total", "created_at", "expires_at", "closed_at"]
    list_select_related = ["buyer"]
    list_filter = ["status"]
    search_fields = ["orders__code", "buyer__nickname", "buyer__username", "email", "payments__ref"]
    exclude = ["code"]
    inlines = [PaymentInline]


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["ref", "checkout", "method", "amount", "paid", "status", "created_at", "confirmed_at"]
    list_select_related = ["checkout"]
    list_filter = ["status", "method"]
    search_fields = ["ref", "provider_ref", "checkout__orders__code"]
    inlines = [RefundInline]
