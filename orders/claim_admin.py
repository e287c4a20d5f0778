from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.read_only_admin import ReadOnly
from orders.models import Claim, ClaimLine


class ClaimLineInline(ReadOnly, admin.TabularInline):
    model = ClaimLine


@admin.register(Claim)
class ClaimAdmin(ReadOnly, admin.ModelAdmin):
    """What buyers want back. Sellers answer, or time does; staff decide in disputes."""

    list_display = ["code", "order", "kind", "status", "reason", "created_at", "answer_by", "closed_at"]
    list_select_related = ["order"]
    readonly_fields = ["parcel"]
    list_filter = ["status", "kind", "reason"]
    search_fields = ["code", "order__code", "order__seller__nickname", "tracking_number"]
    date_hierarchy = "created_at"
    inlines = [ClaimLineInline]

    @admin.display(description="반품 배송 조회")
    def parcel(self, claim: Claim) -> SafeString | str:
        if not claim.tracking_url:
            return ""
        return format_html(
            '<a href="{}" target="_blank" rel="noopener noreferrer">{} {}</a>',
            claim.tracking_url,
            claim.carrier_name,
            claim.tracking_number,
        )
