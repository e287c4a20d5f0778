import json

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.read_only_admin import ReadOnly
from orders.evidence import is_unchanged
from orders.models import Dispute, DisputeMessage, Evidence
from orders.staff_views import answer_dispute, decide_dispute


class MessageInline(ReadOnly, admin.TabularInline):
    model = DisputeMessage
    fields = ["at", "side", "author", "text", "picture"]
    readonly_fields = ["at", "picture"]

    @admin.display(description="사진")
    def picture(self, message: DisputeMessage) -> SafeString | str:
        if message.photo is None or not message.photo.playback_url:
            return ""
        return format_html('<a href="{}" target="_blank" rel="noopener">보기</a>', message.photo.playback_url)


@admin.register(Dispute)
class DisputeAdmin(ReadOnly, admin.ModelAdmin):
    """What buyer and seller say, beside what was shown at the moment of ordering; staff answer and decide."""

    list_display = ["code", "order", "seller", "subject", "status", "created_at", "closed_at"]
    list_select_related = ["order__seller"]
    list_filter = ["status", "subject"]
    search_fields = ["code", "order__code", "order__seller__nickname"]
    date_hierarchy = "created_at"
    fields = ["code", "order", "opened_by", "subject", "status", "decision", "closed_at", "card"]
    readonly_fields = ["card"]
    inlines = [MessageInline]

    @admin.display(description="판매자")
    def seller(self, dispute: Dispute) -> str:
        return dispute.order.seller.nickname

    @admin.display(description="주문할 때 본 내용")
    def card(self, dispute: Dispute) -> SafeString | str:
        evidence = Evidence.objects.filter(order=dispute.order_id).first()
        if evidence is None:
            return "없음"
        text = json.dumps(evidence.card, ensure_ascii=False, indent=2)
        state = "바뀌지 않음" if is_unchanged(evidence) else "처음과 다름!"
        return format_html("<p><strong>{}</strong> {}</p><pre>{}</pre>", state, evidence.digest, text)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/decide/", view(self.decide), name="orders_dispute_decide"),
            path("<int:pk>/answer/", view(self.answer), name="orders_dispute_answer"),
        ]
        return [*own, *super().get_urls()]

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        return decide_dispute(self.admin_site, request, pk)

    def answer(self, request: HttpRequest, pk: int) -> HttpResponse:
        return answer_dispute(self.admin_site, request, pk)
