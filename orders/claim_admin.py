from django.contrib import admin

from common.read_only_admin import ReadOnly
from orders.models import Claim, ClaimLine


class ClaimLineInline(ReadOnly, admin.TabularInline):
    model = ClaimLine


@admin.register(Claim)
class ClaimAdmin(ReadOnly, admin.ModelAdmin):
    """What buyers want back. Sellers answer, or time does; staff decide in disputes."""

    list_display = ["code", "order", "kind", "status", "reason", "created_at", "answer_by", "closed_at"]
    list_select_related = ["order"]
    list_filter = ["status", "kind", "reason"]
    search_fields = ["code", "order__code", "order__seller__nickname"]
    date_hierarchy = "created_at"
    inlines = [ClaimLineInline]
