import csv
from collections.abc import Iterator
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from accounts.models import User
from common.csv_files import EXCEL_MARK, Echo, plain
from common.read_only_admin import ReadOnly
from orders.ledger.balances import balances
from orders.ledger.booking import book_correction
from orders.ledger.forms import CorrectionForm
from orders.models import CommissionRate, Transfer

COLUMNS = ["at", "kind", "debit", "credit", "amount", "seller", "order", "refund", "once", "note"]


@admin.register(Transfer)
class TransferAdmin(ReadOnly, admin.ModelAdmin):
    """The books. Nothing in them is changed; to put something right, a correction is added with its reason."""

    list_display = ["at", "kind", "debit", "credit", "amount", "seller", "order", "note"]
    list_select_related = ["seller", "order"]
    list_filter = ["kind", "debit", "credit", "at"]
    search_fields = ["once", "order__code", "seller__nickname", "settlement__code", "payment__ref"]
    date_hierarchy = "at"
    show_full_result_count = False
    actions = ["export"]

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("orders.add_transfer")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_transfer")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "settlement__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: Transfer | None = None) -> Any:  # noqa: ANN401 Django's
        return ["seller", "won", "note", "key"] if obj is None else [*COLUMNS, "payment", "settlement"]

    def get_form(
        self, request: HttpRequest, obj: Transfer | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        return CorrectionForm if obj is None else super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Transfer, form: ModelForm, change: bool) -> None:
        values = form.cleaned_data
        booked = book_correction(values["seller"], values["won"], reason=values["note"], key=values["key"])
        obj.pk, obj.once = booked.pk, booked.once  # for the log of who did it

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = balances()
        sums = [(label, found[account]) for account, label in Transfer.Account.choices]
        return super().changelist_view(request, (extra_context or {}) | {"balances": sums})

    @admin.action(description="CSV로 내보내기", permissions=["export"])
    def export(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> StreamingHttpResponse:
        """Hand the rows out as a file, and note who took how many."""
        LogEntry.objects.create(
            user=cast(User, request.user),
            content_type=ContentType.objects.get_for_model(Transfer),
            object_repr="CSV",
            action_flag=CHANGE,
            change_message=f"{queryset.count()} rows exported",
        )
        headers = {"Content-Disposition": 'attachment; filename="transfers.csv"'}
        lines = _lines(queryset.select_related("seller", "order", "refund"))
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: QuerySet[Transfer]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield EXCEL_MARK + writer.writerow(COLUMNS)
    for row in rows.order_by("pk").iterator(chunk_size=500):
        refund = row.refund.key if row.refund else ""
        yield writer.writerow(
            [
                row.at.isoformat(),
                row.kind,
                row.debit,
                row.credit,
                row.amount,
                plain(row.seller.nickname) if row.seller else "",
                row.order or "",
                refund,
                row.once,
                plain(row.note),
            ]
        )


@admin.register(CommissionRate)
class CommissionRateAdmin(admin.ModelAdmin):
    """Counts for what is confirmed from now on; what is booked stays as it is."""

    list_display = ["seller", "category", "basis_points"]
    list_select_related = ["seller", "category"]
    raw_id_fields = ["seller"]
    search_fields = ["seller__nickname", "category__name"]
