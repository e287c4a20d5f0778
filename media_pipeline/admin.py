import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_pipeline import inbox
from media_pipeline.models import ProviderEvent


@admin.register(ProviderEvent)
class ProviderEventAdmin(admin.ModelAdmin):
    """Staff read the inbox, and have what failed or was unknown applied again."""

    list_display = ["received_at", "age", "source", "type", "status", "attempts", "error"]
    list_filter = ["status", "type", "source", "received_at"]
    search_fields = ["event_id"]
    show_full_result_count = False  # counting millions of rows would take longer than showing a page of them
    actions = ["try_again"]
    fields = [
        *("received_at", "age", "source", "type", "event_id"),
        *("status", "attempts", "error", "due_at", "applied_at", "content"),
    ]
    readonly_fields = ["age", "content"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ProviderEvent | None = None) -> bool:
        return False

    def has_apply_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media_pipeline.change_providerevent")

    @admin.display(description=gettext_lazy("지난 시간"), ordering="-received_at")
    def age(self, event: ProviderEvent) -> str:
        return timesince(event.received_at, timezone.now(), depth=1)

    @admin.display(description=gettext_lazy("내용"))
    def content(self, event: ProviderEvent) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(event.envelope, indent=2, ensure_ascii=False))

    @admin.action(description=gettext_lazy("다시 처리하기"), permissions=["apply"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[ProviderEvent]) -> None:
        chosen = list(queryset.values_list("pk", flat=True))
        count = inbox.apply_again(chosen)
        messages.success(request, _("%(count)d건을 다시 처리하도록 했어요.") % {"count": count})
        if left := len(chosen) - count:
            messages.warning(
                request,
                _("%(count)d건은 이미 처리했거나 형식이 잘못되어 그대로 두었어요.") % {"count": left},
            )
