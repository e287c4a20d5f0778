from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from orders.models import Order, OrderLine, OrderLog, Payment


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
    search_fields = ["code", "buyer__nickname", "buyer__username", "seller__nickname", "payments__ref"]
    date_hierarchy = "created_at"
    inlines = [LineInline, PaymentInline, LogInline]


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["ref", "order", "method", "amount", "status", "created_at", "confirmed_at", "refunded_at"]
    list_select_related = ["order"]
    list_filter = ["status", "method"]
    search_fields = ["ref", "provider_ref", "order__code"]
