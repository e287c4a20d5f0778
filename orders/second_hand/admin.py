"""Offers and meetings for staff who look into a dispute: all that was said and done, and no code of any hand-over."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.read_only_admin import ReadOnly
from orders.models import Meeting, Offer, OfferStep, Order


class StepInline(ReadOnly, admin.TabularInline):
    model = OfferStep
    fields = ["at", "by", "price", "message"]
    readonly_fields = ["at"]


@admin.register(Offer)
class OfferAdmin(ReadOnly, admin.ModelAdmin):
    """Who offered whom how much for what. Buyers and sellers answer each other, or time does."""

    list_display = ["code", "product", "buyer", "seller", "price", "by", "status", "created_at", "expires_at"]
    list_select_related = ["variant__product__seller", "buyer"]
    list_filter = ["status", "by", "variant__product__deal"]
    search_fields = [
        "code",
        "variant__product__name",
        "buyer__nickname",
        "variant__product__seller__nickname",
        "checkout__orders__code",
    ]
    date_hierarchy = "created_at"
    fields = [
        "code",
        "product",
        "variant",
        "buyer",
        "seller",
        "price",
        "by",
        "message",
        "status",
        "orders",
        "created_at",
        "expires_at",
    ]
    readonly_fields = ["code", "product", "seller", "orders", "created_at"]
    inlines = [StepInline]

    @admin.display(description="상품")
    def product(self, offer: Offer) -> str:
        return offer.variant.product.name

    @admin.display(description="판매자")
    def seller(self, offer: Offer) -> str:
        return offer.variant.product.seller.nickname

    @admin.display(description="주문")
    def orders(self, offer: Offer) -> SafeString | str:
        """What was put on hold at the agreed price, paid or not."""
        found = Order.objects.filter(checkout=offer.checkout_id) if offer.checkout_id else []
        return format_html_join(" ", "{}", [(_link(order),) for order in found]) or "없음"


@admin.register(Meeting)
class MeetingAdmin(ReadOnly, admin.ModelAdmin):
    """Where and when orders are handed over in person, and what became of it."""

    list_display = ["order", "seller", "buyer", "place", "at", "status", "missed_by", "wrong_tries"]
    list_select_related = ["order__seller", "order__buyer"]
    list_filter = ["status", "missed_by", "order__status"]
    search_fields = ["order__code", "order__seller__nickname", "order__buyer__nickname", "place"]
    date_hierarchy = "at"
    fields = [
        "order_page",
        "seller",
        "buyer",
        "place",
        "at",
        "proposed_by",
        "status",
        "missed_by",
        "wrong_tries",
        "reminded_at",
        "created_at",
        "disputes",
        "history",
    ]
    readonly_fields = ["order_page", "seller", "buyer", "created_at", "disputes", "history"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        """The digest of the code is not even read."""
        return super().get_queryset(request).defer("code_digest")

    @admin.display(description="판매자")
    def seller(self, meeting: Meeting) -> str:
        return meeting.order.seller.nickname

    @admin.display(description="구매자")
    def buyer(self, meeting: Meeting) -> str:
        return meeting.order.buyer.nickname if meeting.order.buyer else "비회원"

    @admin.display(description="주문")
    def order_page(self, meeting: Meeting) -> SafeString:
        return _link(meeting.order)

    @admin.display(description="분쟁")
    def disputes(self, meeting: Meeting) -> SafeString | str:
        rows = [
            (reverse("admin:orders_dispute_change", args=[one.pk]), one.code, one.get_status_display())
            for one in meeting.order.disputes.all()
        ]
        return format_html_join(" ", '<a href="{}">{}</a> ({})', rows) or "없음"

    @admin.display(description="있었던 일")
    def history(self, meeting: Meeting) -> SafeString:
        """What both sides did, the oldest first: proposals with place and time, wrong codes, the end."""
        rows = [
            (f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}", entry.type, entry.by or "", entry.note)
            for entry in meeting.order.log.select_related("by")
        ]
        return format_html_join("", "<div>{} <strong>{}</strong> {} {}</div>", rows)


def _link(order: Order) -> SafeString:
    page = reverse("admin:orders_order_change", args=[order.pk])
    return format_html('<a href="{}">{}</a> ({})', page, order.code, order.get_status_display())
