from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from common.errors import IllegalMove
from common.read_only_admin import ReadOnly
from trailers.actions import cancel_trailer
from trailers.comment_actions import delete_comment
from trailers.models import Comment, ReminderDelivery, Trailer, TrailerLog


class LogInline(ReadOnly, admin.TabularInline):
    model = TrailerLog
    fields = ["type", "details", "by", "at"]
    readonly_fields = ["at"]


@admin.register(Trailer)
class TrailerAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "code", "seller", "product", "status", "starts_at", "video_status", "broadcast"]
    list_select_related = ["seller", "product", "video", "broadcast"]
    list_filter = ["status", "video__status"]
    search_fields = ["title", "code", "seller__nickname", "product__name"]
    date_hierarchy = "starts_at"
    inlines = [LogInline]
    actions = ["cancel"]

    @admin.display(description="영상")
    def video_status(self, trailer: Trailer) -> str:
        return trailer.video.get_status_display()

    @admin.action(description="예고 취소하기", permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Trailer]) -> None:
        for trailer in queryset:
            try:
                cancel_trailer(trailer.pk, by=cast(User, request.user))
            except IllegalMove:
                messages.warning(
                    request, f"'{trailer.title}'은(는) 방송으로 이어졌어요. 방송을 중단해 주세요."
                )

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("trailers.change_trailer")


class ReasonForm(ActionForm):
    reason = forms.CharField(label="이유", max_length=200, required=False)


@admin.register(Comment)
class CommentAdmin(ReadOnly, admin.ModelAdmin):
    """Comments stay as they were written; hiding one takes it off its page."""

    list_display = ["created_at", "trailer", "author", "text", "deleted_at", "deleted_by", "deletion_reason"]
    list_select_related = ["trailer", "author", "deleted_by"]
    list_filter = [("deleted_at", admin.EmptyFieldListFilter)]
    search_fields = ["text", "code", "author__nickname", "author__username", "trailer__code"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    action_form = ReasonForm
    actions = ["hide"]

    @admin.action(description="숨기기 (이유를 적어 주세요)", permissions=["hide"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        reason = request.POST.get("reason", "").strip()[:200]
        if not reason:
            messages.error(request, "왜 숨기는지 이유를 적어 주세요.")
            return
        for comment in queryset:
            delete_comment(comment, by=cast(User, request.user), reason=reason)

    def has_hide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("trailers.change_comment")


@admin.register(ReminderDelivery)
class ReminderDeliveryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["reminder", "channel", "occasion", "status", "attempts", "due_at", "sent_at", "error"]
    list_select_related = ["reminder"]
    list_filter = ["status", "channel", "occasion"]
    search_fields = ["reminder__trailer__code", "reminder__member__nickname"]
    date_hierarchy = "due_at"
    show_full_result_count = False
