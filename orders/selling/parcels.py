"""Parcel numbers as a file: what waits to be sent goes out, the same lines with numbers come back."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.csv_files import EXCEL_MARK, Echo, plain
from common.errors import DomainError, IllegalMove
from orders.carriers import CARRIERS, WrongTracking, carrier_named, clean_tracking
from orders.models import Order, OrderLine
from orders.sending import NotSendable, check_sendable, ship_order

MAX_BYTES = 1024 * 1024
MAX_ROWS = 2000
ORDER, CARRIER, NUMBER = gettext_lazy("주문번호"), gettext_lazy("택배사"), gettext_lazy("운송장 번호")


class UnreadableFile(DomainError):
    """It is no CSV file of parcel numbers, or too large."""

    code = "unreadable_file"


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A line of the file, after a look at it."""

    row: int
    """As a spreadsheet counts: the head is 1."""
    order: str
    carrier: str
    """A key of CARRIERS, "" if unknown."""
    number: str
    problem: str = ""
    """Why it will not be sent so, for the seller; "" if it will."""

    @property
    def carrier_name(self) -> str | Promise:
        return CARRIERS[self.carrier].name if self.carrier else ""


def exported(orders: Iterable[Order]) -> Iterator[str]:
    """Yield the lines of a CSV file, one an order; the orders come with what `for_cards` reads."""
    writer = csv.writer(Echo())
    head = [ORDER, CARRIER, NUMBER, _("받는 사람"), _("연락처"), _("우편번호"), _("주소"), _("상품")]
    yield EXCEL_MARK + writer.writerow(head)
    for order in orders:
        to = order.address
        goods = ", ".join(f"{_named(line)} × {line.quantity - line.returned}" for line in order.lines.all())
        place = f"{to.ship_address} {to.ship_address_detail}".strip()
        carrier = CARRIERS[order.carrier].name if order.carrier in CARRIERS else ""
        cells = [order.code, carrier, order.tracking_number, to.ship_name, to.ship_phone, to.ship_postcode]
        yield writer.writerow([plain(str(cell)) for cell in [*cells, place, goods]])


def looked_at(content: bytes, seller: User) -> list[Parcel]:
    """Return the lines of a file that have a parcel number, and what is wrong with each. Raises UnreadableFile."""
    rows = list(_rows(content))
    orders = Order.objects.filter(seller=seller, paid_at__isnull=False, code__in=[row[1] for row in rows])
    known = {order.code: order for order in orders.prefetch_related("claims")}
    seen: set[str] = set()
    parcels = []
    for row, code, carrier, number in rows:
        problem = _problem(known.get(code), carrier, number)
        if code in seen:
            problem = _("같은 주문번호가 위에 또 있어요.")
        seen.add(code)
        key = carrier_named(carrier)
        parcels.append(Parcel(row=row, order=code, carrier=key, number=number, problem=problem))
    return parcels


def send(parcels: Iterable[Parcel], *, by: User) -> int:
    """Send what is right, each order for itself; return how many are new."""
    ids = dict(
        Order.objects.filter(seller=by, code__in=[one.order for one in parcels]).values_list("code", "pk")
    )
    sent = 0
    for parcel in parcels:
        if parcel.problem:
            continue
        try:
            sent += ship_order(ids[parcel.order], carrier=parcel.carrier, number=parcel.number, by=by)
        except (NotSendable, WrongTracking, IllegalMove):  # changed since it was looked at
            continue
    return sent


def _rows(content: bytes) -> Iterator[tuple[int, str, str, str]]:
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_("파일이 너무 커요. 1MB보다 작게 나눠 주세요."))
    reader = csv.reader(io.StringIO(_text(content)))
    try:
        head = [cell.strip() for cell in next(reader, [])]
        places = [head.index(str(name)) for name in (ORDER, CARRIER, NUMBER)]
        for line, cells in enumerate(reader, start=2):
            if line > MAX_ROWS + 1:
                raise UnreadableFile(_("한 번에 2,000줄까지 올릴 수 있어요."))
            code, carrier, number = (
                cells[place].strip().removeprefix("'") if place < len(cells) else "" for place in places
            )
            if code and number:
                yield line, code.upper(), carrier, number
    except (ValueError, csv.Error) as error:
        raise UnreadableFile(
            _("첫 줄에 주문번호, 택배사, 운송장 번호가 있는 CSV 파일을 골라 주세요.")
        ) from error


def _text(content: bytes) -> str:
    """Korean spreadsheets write UTF-8 with a mark, or cp949."""
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_("글자를 읽을 수 없는 파일이에요. CSV UTF-8로 저장해 주세요."))


def _problem(order: Order | None, carrier: str, number: str) -> str:
    if order is None:
        return _("내 주문에 없는 번호예요.")
    try:
        clean_tracking(carrier_named(carrier), number)
        check_sendable(order)
    except (WrongTracking, NotSendable) as refusal:
        return refusal.message
    return ""


def _named(line: OrderLine) -> str:
    return f"{line.name} ({line.variant_name})" if line.variant_name else line.name
