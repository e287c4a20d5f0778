from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.moderation.hiding import hide_message, keep_message
from chat.moderation.models import ModerationLog, Report
from common.read_only_admin import ReadOnly


@admin.register(ModerationLog)
class ModerationLogAdmin(ReadOnly, admin.ModelAdmin):
    """Who did what in the chat of a channel."""

    list_display = ["at", "channel", "act", "by", "member", "detail"]
    list_select_related = ["channel", "by", "member"]
    list_filter = ["act"]
    search_fields = ["by__nickname", "member__nickname", "channel__code", "broadcast__code"]
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(Report)
class ReportAdmin(ReadOnly, admin.ModelAdmin):
    """What viewers reported, over all channels; staff may decide what no seller decides."""

    list_display = ["created_at", "message_text", "author", "reason", "reporter", "outcome"]
    list_select_related = ["message__author", "reporter"]
    list_filter = ["outcome", "reason"]
    search_fields = ["message__text", "message__author__nickname", "reporter__nickname"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ["hide_messages", "keep_messages"]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("moderation.change_report")

    @admin.action(description="메시지 숨기기", permissions=["decide"])
    def hide_messages(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        self._decide(request, reports, hide_message)

    @admin.action(description="문제 없음으로 넘기기", permissions=["decide"])
    def keep_messages(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        self._decide(request, reports, keep_message)

    def _decide(self, request: HttpRequest, reports: QuerySet[Report], decide: Callable[..., None]) -> None:
        for report in reports.select_related("message__room__broadcast__channel"):
            decide(report.message.room.broadcast, report.message.seq, by=request.user)

    @admin.display(description="메시지")
    def message_text(self, report: Report) -> str:
        return report.message.text

    @admin.display(description="쓴 사람")
    def author(self, report: Report) -> str:
        return report.message.author.nickname
