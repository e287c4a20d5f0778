"""A statement's rows as a seller reads them, on the page and as a file."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common.csv_files import EXCEL_MARK, Echo, plain
from orders.models import Settlement, Transfer


def rows_of(settlement: Settlement) -> QuerySet[Transfer]:
    """Return the rows that add up to the statement, the oldest first; the payout is not one of them."""
    rows = settlement.transfers.exclude(kind=Transfer.Kind.PAYOUT)
    return rows.select_related("order").order_by("at", "pk")


def as_csv(rows: Iterable[Transfer]) -> Iterator[str]:
    """Yield the lines of a CSV file: when (Seoul), kind, order number, signed won, note."""
    writer = csv.writer(Echo())
    head = [_("일시"), _("구분"), _("주문번호"), _("금액"), _("내용")]
    yield EXCEL_MARK + writer.writerow(head)
    for row in rows:
        order = row.order.code if row.order else ""
        yield writer.writerow(
            [_moment(row.at), row.get_kind_display(), order, row.to_seller, plain(row.note)]
        )


def _moment(at: datetime) -> str:
    return timezone.localtime(at, ZoneInfo(settings.TIME_ZONE)).strftime("%Y-%m-%d %H:%M")
