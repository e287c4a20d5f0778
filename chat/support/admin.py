from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.support.actions import refund_support
from chat.support.models import SupportMessage
from common.errors import DomainError
from common.read_only_admin import ReadOnly


@admin.register(SupportMessage)
class SupportMessageAdmin(ReadOnly, admin.ModelAdmin):
    """Looked at by hand; its money goes back by an action only."""

    list_display = ["created_at", "broadcast", "author", "amount", "text", "shown_at", "refunded_at"]
    list_select_related = ["broadcast", "author"]
    search_fields = ["code", "text", "author__nickname", "author__username", "broadcast__code"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ["refund"]

    @admin.action(description="후원금 돌려주기", permissions=["refund"])
    def refund(self, request: HttpRequest, queryset: QuerySet[SupportMessage]) -> None:
        for message in queryset:
            try:
                done = refund_support(message, reason="운영자 환불")
            except DomainError as refusal:
                self.message_user(request, f"{message}: {refusal.message}", messages.ERROR)
                continue
            if done:
                self.log_change(request, message, "후원금을 돌려줬어요.")
                self.message_user(request, f"{message}: 환불을 시작했어요.", messages.SUCCESS)

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_refund")
