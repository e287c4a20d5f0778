import json

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import PaymentNotice
from orders.notices import open_again
from orders.tasks import settle_notice


class GivenUp(admin.SimpleListFilter):
    title = gettext_lazy("상태")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("waiting", _("기다리는 중")), ("given_up", _("처리하지 못함")), ("done", _("처리함"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PaymentNotice]) -> QuerySet[PaymentNotice]:
        match self.value():
            case "waiting":
                return queryset.filter(done_at=None)
            case "given_up":
                return queryset.exclude(done_at=None).exclude(problem="")
            case "done":
                return queryset.filter(problem="").exclude(done_at=None)
        return queryset


@admin.register(PaymentNotice)
class PaymentNoticeAdmin(admin.ModelAdmin):
    """Staff read what providers told, and have it looked at again."""

    list_display = ["received_at", "method", "type", "ref", "done_at", "problem"]
    list_filter = [GivenUp, "method", "received_at"]
    search_fields = ["ref", "event_id"]
    show_full_result_count = False
    actions = ["try_again"]
    fields = ["received_at", "method", "type", "event_id", "ref", "done_at", "problem", "content"]
    readonly_fields = ["content"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PaymentNotice | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PaymentNotice | None = None) -> bool:
        return False

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_paymentnotice")

    @admin.display(description=gettext_lazy("내용"))
    def content(self, notice: PaymentNotice) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(notice.body, indent=2, ensure_ascii=False))

    @admin.action(description=gettext_lazy("다시 처리하기"), permissions=["settle"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[PaymentNotice]) -> None:
        chosen = list(queryset.values_list("pk", flat=True))
        open_again(chosen)
        for notice_id in chosen:
            _settle_on_commit(notice_id)
        messages.success(request, _("%(count)d건을 다시 처리하도록 했어요.") % {"count": len(chosen)})


def _settle_on_commit(notice_id: int) -> None:
    transaction.on_commit(lambda: settle_notice.delay(notice_id), robust=True)
