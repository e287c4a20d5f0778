from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from media_pipeline import inbox
from media_pipeline.models import ProviderEvent


@admin.register(ProviderEvent)
class ProviderEventAdmin(admin.ModelAdmin):
    list_display = ["received_at", "source", "type", "status", "attempts", "error"]
    list_filter = ["status", "type", "source"]
    search_fields = ["event_id"]
    actions = ["try_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ProviderEvent | None = None) -> bool:
        return False

    @admin.action(description="다시 처리하기")
    def try_again(self, request: HttpRequest, queryset: QuerySet[ProviderEvent]) -> None:
        for event in queryset:
            inbox.apply_again(event.pk)
        messages.success(request, f"{len(queryset)}건을 다시 처리하도록 했어요.")
