"""Products as a table: one row per choice of a product, the product's own columns repeated on each.

Read by people in Excel, which opens UTF-8 rightly only with a byte order mark and saves as CP949 on Korean Windows.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.models import Product, Variant
from common.csv_files import EXCEL_MARK, FORMULA
from common.errors import DomainError

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 2_000

COLUMNS = {
    "code": gettext_noop("상품번호"),
    "name": gettext_noop("상품이름"),
    "category": gettext_noop("카테고리"),
    "deal": gettext_noop("거래방식"),
    "state": gettext_noop("판매상태"),
    "price": gettext_noop("판매가"),
    "shipping": gettext_noop("배송비"),
    "condition": gettext_noop("상품상태"),
    "place": gettext_noop("거래지역"),
    "description": gettext_noop("설명"),
    "option_names": gettext_noop("옵션이름"),
    "variant": gettext_noop("옵션"),
    "extra_price": gettext_noop("추가금액"),
    "active": gettext_noop("옵션판매"),
    "stock": gettext_noop("재고"),
}
"""Key → heading, in the order of an export. A file may leave columns out and have them in any order."""

REQUIRED = ("name", "category", "price")


class UnreadableFile(DomainError):
    """Not a table that could be read; `message` says what to do."""

    code = "unreadable_file"


@dataclass(frozen=True)
class Row:
    """A row as it stands in the file: `number` as spreadsheets count, the headings being row 1."""

    number: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


@cache
def _keys() -> dict[str, str]:
    return {_(heading): key for key, heading in COLUMNS.items()}


def exported(products: Iterable[Product]) -> Iterator[str]:
    """Yield the lines of a file, the byte order mark first. Select `category`, `shipping`; prefetch the variants."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def line(cells: Iterable[object]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_harmless(str(cell)) for cell in cells])
        return buffer.getvalue()

    yield EXCEL_MARK + line(_(heading) for heading in COLUMNS.values())
    for product in products:
        for variant in product.variants.all():
            if variant.active or len(variant.values) == len(product.option_names):
                yield line(_cells(product, variant))


def _cells(product: Product, variant: Variant) -> list[object]:
    return [
        product.code,
        product.name,
        product.category.name,
        product.get_deal_display(),
        product.get_state_display(),
        product.price,
        product.shipping.name if product.shipping else "",
        product.get_condition_display(),
        product.place,
        product.description,
        " / ".join(product.option_names),
        variant.name,
        variant.extra_price,
        "Y" if variant.active else "N",
        variant.stock.left,
    ]


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell: a quote in front makes it text. Numbers stay numbers."""
    is_number = cell.lstrip("-").isdigit()
    return f"'{cell}" if cell.startswith(FORMULA) and not is_number else cell


def _as_written(cell: str) -> str:
    """Undo `_harmless`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def rows_in(content: bytes) -> list[Row]:
    """Read a file of at most MAX_BYTES in UTF-8, UTF-16 (with its mark) or CP949. Raises UnreadableFile."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_("파일이 너무 커요. 2MB까지 올릴 수 있으니 나누어 올려 주세요."))
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        headings = [cell.strip() for cell in next(reader, [])]
        table = [(number, cells) for number, cells in enumerate(reader, 2) if any(map(str.strip, cells))]
    except csv.Error as error:
        message = _("%(line)d번째 줄의 따옴표가 맞지 않아요. 엑셀에서 다시 저장해 주세요.")
        raise UnreadableFile(message % {"line": reader.line_num}) from error
    keys = [_keys().get(heading, "") for heading in headings]
    if missing := [_(COLUMNS[key]) for key in REQUIRED if key not in keys]:
        message = _("첫 줄에 %(columns)s 열이 없어요. 내려받은 파일의 첫 줄을 그대로 써 주세요.")
        raise UnreadableFile(message % {"columns": ", ".join(missing)})
    known = [key for key in keys if key]
    if len(set(known)) < len(known):
        raise UnreadableFile(_("같은 이름의 열이 두 개 있어요. 하나를 지워 주세요."))
    if len(table) > MAX_ROWS:
        raise UnreadableFile(_("한 번에 2,000줄까지 올릴 수 있어요. 파일을 나누어 올려 주세요."))
    if not table:
        raise UnreadableFile(_("상품이 한 줄도 없어요."))
    return [
        Row(number, {key: _as_written(cell).strip() for key, cell in zip(keys, cells, strict=False) if key})
        for number, cells in table
    ]


def _decoded(content: bytes) -> str:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = ["utf-16"] if marked else ["utf-8-sig", "cp949"]  # Korean in CP949 is hardly ever valid UTF-8
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(_("글자를 읽을 수 없어요. 엑셀에서 ‘CSV UTF-8’로 저장해 주세요."))
