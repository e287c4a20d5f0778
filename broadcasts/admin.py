from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from broadcasts import actions
from broadcasts.models import Broadcast, BroadcastLog, Channel, LineupItem, Recording
from common.errors import DomainError, IllegalMove


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):
    """Channels follow the provider: nothing is edited by hand, and the stream key is never shown."""

    list_display = ["code", "member", "state", "signal", "signal_changed_at", "last_error"]
    list_select_related = ["member"]
    list_filter = ["state", "signal"]
    search_fields = ["code", "member__nickname", "provider_ref"]
    exclude = ["stream_key"]
    actions = ["close"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Channel | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Channel | None = None) -> bool:
        return False

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("broadcasts.delete_channel")

    @admin.action(description="채널 닫기", permissions=["close"])
    def close(self, request: HttpRequest, queryset: QuerySet[Channel]) -> HttpResponse | None:
        """Delete channels at the provider; asks first, since a deleted one's key and address never come back."""
        if "sure" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "title": "채널을 닫을까요?",
                "channels": queryset.select_related("member"),
                "opts": self.model._meta,
            }
            return render(request, "admin/broadcasts/channel/close.html", context)
        for channel in queryset:
            try:
                actions.close_channel(channel.pk)
            except DomainError as refusal:
                messages.warning(request, f"{channel}: {refusal.message}")
            else:
                messages.success(request, f"{channel}: 닫고 있어요.")
        return None


class LineupInline(admin.TabularInline):
    model = LineupItem
    extra = 0
    raw_id_fields = ["product"]


class LogInline(admin.TabularInline):
    model = BroadcastLog
    extra = 0
    can_delete = False
    readonly_fields = ["type", "before", "by", "at"]

    def has_add_permission(self, request: HttpRequest, obj: Broadcast | None = None) -> bool:
        return False


@admin.register(Broadcast)
class BroadcastAdmin(admin.ModelAdmin):
    list_display = ["title", "code", "seller", "status", "started_at", "ended_at", "peak_viewers"]
    list_select_related = ["channel__member"]
    list_filter = ["status"]
    search_fields = ["title", "code", "channel__member__nickname"]
    readonly_fields = [
        "code",
        "channel",
        "status",
        "version",
        "pinned_item",
        "pinned_at",
        "peak_viewers",
        "created_at",
        "started_at",
        "signal_lost_at",
        "ended_at",
    ]
    inlines = [LineupInline, LogInline]
    actions = ["stop"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Broadcast | None = None) -> bool:
        return False

    @admin.display(description="판매자")
    def seller(self, broadcast: Broadcast) -> str:
        return broadcast.channel.member.nickname

    @admin.action(description="방송 중단하기")
    def stop(self, request: HttpRequest, queryset: QuerySet[Broadcast]) -> None:
        for broadcast in queryset:
            try:
                actions.end_broadcast(broadcast.pk, by=cast(User, request.user))
            except IllegalMove:
                messages.warning(request, f"'{broadcast.title}'은(는) 방송 중이 아니에요.")


@admin.register(Recording)
class RecordingAdmin(admin.ModelAdmin):
    list_display = ["session_id", "channel", "broadcast", "status", "started_at", "duration_ms"]
    list_select_related = ["channel", "broadcast"]
    list_filter = ["status"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        return False
