"""What an uploaded table would change, told before anything is written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import (
    MAX_OPTIONS,
    MAX_PRICE,
    MAX_STOCK,
    MAX_VARIANTS,
    Category,
    Product,
    ShippingRule,
    Variant,
)
from catalog.rich_text import clean
from catalog.studio.csv_format import COLUMNS, Row
from catalog.studio.forms import MAX_VALUE

JOINT = " / "
T = TypeVar("T")


@dataclass(frozen=True)
class BadCell:
    """A cell that cannot be used, and the cure in the seller's words."""

    row: int
    column: str
    cure: str


@dataclass
class PlannedVariant:
    values: tuple[str, ...]
    known: Variant | None
    extra_price: int
    active: bool
    stock: int | None
    """Pieces of a new choice; None where the file does not say. Those of a known one are not changed by a file."""


@dataclass
class PlannedProduct:
    """A product to make (`known` None) or to change. `fields` are the columns the file gives a new value."""

    row: int
    known: Product | None
    fields: dict[str, Any]
    variants: list[PlannedVariant] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    """Headings of what changes of a known product."""

    @property
    def name(self) -> str:
        return str(self.fields.get("name") or (self.known and self.known.name))


@dataclass
class Plan:
    """All of it. Nothing may be written while there are bad cells."""

    products: list[PlannedProduct] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    stock_kept: int = 0
    """Rows whose stock differs from ours and stays as it is: orders may have taken pieces since the export."""

    @property
    def new(self) -> list[PlannedProduct]:
        return [product for product in self.products if product.known is None]

    @property
    def changed(self) -> list[PlannedProduct]:
        return [product for product in self.products if product.known and product.changes]


class _Bad(Exception):
    """A cell cannot be used; the text is the cure."""


@dataclass(frozen=True)
class _Known:
    """What cells may refer to, read once."""

    products: dict[str, Product]
    categories: dict[str, Category]
    rules: dict[str, ShippingRule]


def plan_import(rows: list[Row], seller: User) -> Plan:
    """Compare a file with what the seller has. Rows of one product share its code or, while it is new, its name.

    Columns that the file leaves out stay as they are, and so do choices that it does not name.
    """
    codes = {row.get("code") for row in rows}
    own = Product.objects.filter(seller=seller, code__in=codes).select_related("category", "shipping")
    known = _Known(
        products={product.code: product for product in own.prefetch_related("variants__stock")},
        categories={name: each for each in Category.objects.all() for name in (each.slug, each.name)},
        rules={rule.name: rule for rule in ShippingRule.objects.filter(seller=seller)},
    )
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        code = row.get("code")
        groups.setdefault((code, "" if code else row.get("name")), []).append(row)
    plan = Plan()
    for group in groups.values():
        _plan_product(plan, group, known)
    plan.bad.sort(key=lambda cell: cell.row)
    return plan


def _plan_product(plan: Plan, rows: list[Row], known: _Known) -> None:
    first = rows[0]
    code = first.get("code")
    product = known.products.get(code)
    if code and product is None:
        cure = _("내 상품에 없는 상품번호예요. 새 상품이면 이 칸을 비워 주세요.")
        plan.bad.extend(_cell(row, "code", cure) for row in rows)
        return
    fields = {}
    for column, read in _FIELDS.items():
        if column not in first.cells:
            continue
        for row in rows[1:]:
            if row.get(column) != first.get(column):
                cure = _("같은 상품인 %(row)d번째 줄과 값이 달라요. 똑같이 적어 주세요.")
                plan.bad.append(_cell(row, column, cure % {"row": first.number}))
        try:
            fields[column] = read(first.get(column), known)
        except _Bad as bad:
            plan.bad.append(_cell(first, column, str(bad)))
    planned = PlannedProduct(first.number, product, fields)
    planned.changes = [
        _(COLUMNS[column])
        for column, value in fields.items()
        if product and getattr(product, column) != value
    ]
    options = fields.get("option_names", product.option_names if product else [])
    _plan_variants(plan, planned, rows, len(options))
    plan.products.append(planned)


def _plan_variants(plan: Plan, planned: PlannedProduct, rows: list[Row], options: int) -> None:
    product = planned.known
    had = {variant.name: variant for variant in product.variants.all()} if product else {}
    price = planned.fields.get("price", product.price if product else 0)
    at: dict[str, int] = {}
    for row in rows:
        values = tuple(" ".join(value.split()) for value in row.get("variant").split(JOINT) if value.strip())
        name = Variant.name_of(values)
        if name in at:
            cure = _("%(row)d번째 줄과 같은 옵션이에요. 한 줄을 지워 주세요.")
            plan.bad.append(_cell(row, "variant", cure % {"row": at[name]}))
            continue
        at[name] = row.number
        variant = had.get(name)
        try:
            planned_variant = _variant(row, values, variant, options)
        except _BadColumn as bad:
            plan.bad.append(_cell(row, bad.column, str(bad)))
            continue
        if not 100 <= price + planned_variant.extra_price <= MAX_PRICE and price:
            cure = _("추가금액을 더한 값은 100원부터 1억 원까지예요.")
            plan.bad.append(_cell(row, "extra_price", cure))
        planned.variants.append(planned_variant)
        if variant and planned_variant.stock not in (None, variant.stock.left):
            plan.stock_kept += 1
        if product and (
            variant is None
            or (variant.extra_price, variant.active) != (planned_variant.extra_price, planned_variant.active)
        ):
            planned.changes.append(name or _(COLUMNS["active"]))
    if len(at) > MAX_VARIANTS:
        cure = _("한 상품의 옵션은 100개까지예요.")
        plan.bad.append(_cell(rows[0], "variant", cure))


class _BadColumn(_Bad):
    def __init__(self, column: str, cure: str) -> None:
        super().__init__(cure)
        self.column = column


def _variant(row: Row, values: tuple[str, ...], known: Variant | None, options: int) -> PlannedVariant:
    if len(values) != options:
        cure = _("옵션 이름이 %(count)d개예요. 값도 ‘ / ’로 나누어 %(count)d개 적어 주세요.")
        raise _BadColumn("variant", cure % {"count": options})
    if any(len(value) > MAX_VALUE for value in values):
        raise _BadColumn("variant", _("옵션 값은 30자까지예요."))
    extra, active, stock = known.extra_price if known else 0, known.active if known else True, None
    if "extra_price" in row.cells:
        extra = _column("extra_price", lambda: _whole(row.get("extra_price") or "0", -MAX_PRICE, MAX_PRICE))
    if "active" in row.cells:
        active = _column("active", lambda: _yes(row.get("active")))
    if row.get("stock"):
        stock = _column("stock", lambda: _whole(row.get("stock"), 0, MAX_STOCK))
    return PlannedVariant(values, known, extra, active, stock)


def _column(column: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except _Bad as bad:
        raise _BadColumn(column, str(bad)) from bad


def _cell(row: Row, column: str, cure: str) -> BadCell:
    return BadCell(row.number, _(COLUMNS[column]), cure)


def _whole(text: str, least: int, most: int) -> int:
    """Read "12,900" or "12900원"."""
    digits = text.replace(",", "").removesuffix("원").strip()
    sign = digits[:1] if digits[:1] in ("-", "+") else ""
    digits = digits.removeprefix(sign)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 12):
        raise _Bad(_("숫자만 적어 주세요. 예: 12900"))
    number = int(sign + digits)
    if not least <= number <= most:
        raise _Bad(
            _("%(least)s부터 %(most)s까지 적을 수 있어요.") % {"least": f"{least:,}", "most": f"{most:,}"}
        )
    return number


def _yes(text: str) -> bool:
    answer = {"Y": True, "예": True, "": True, "N": False, "아니오": False}.get(text.upper())
    if answer is None:
        raise _Bad(_("Y 또는 N으로 적어 주세요."))
    return answer


def _text(most: int, *, required: bool = False) -> Callable[[str, _Known], str]:
    def read(text: str, known: _Known) -> str:
        if required and not text:
            raise _Bad(_("비어 있어요. 적어 주세요."))
        if len(text) > most:
            raise _Bad(_("%(most)s자까지 쓸 수 있어요. 줄여 주세요.") % {"most": f"{most:,}"})
        return text

    return read


def _choice(choices: Iterable[tuple[str, Any]], usual: str) -> Callable[[str, _Known], str]:
    by_word = {str(word): str(value) for value, label in choices for word in (value, label)}

    def read(text: str, known: _Known) -> str:
        if text and text not in by_word:
            labels = ", ".join(word for word in by_word if not word.isascii())
            raise _Bad(_("이 가운데 하나를 적어 주세요: %(words)s") % {"words": labels})
        return by_word.get(text, usual)

    return read


def _category(text: str, known: _Known) -> Category:
    if text not in known.categories:
        raise _Bad(_("없는 카테고리예요. 사이트에 보이는 이름 그대로 적어 주세요."))
    return known.categories[text]


def _rule(text: str, known: _Known) -> ShippingRule | None:
    if text and text not in known.rules:
        raise _Bad(_("없는 배송비예요. 배송비 화면에서 먼저 만들거나, 무료면 비워 주세요."))
    return known.rules.get(text)


def _options(text: str, known: _Known) -> list[str]:
    names = [" ".join(name.split()) for name in text.split(JOINT) if name.strip()]
    if len(names) > MAX_OPTIONS or len(set(names)) < len(names) or any(len(name) > 20 for name in names):
        raise _Bad(_("서로 다른 옵션 이름을 3개까지, 각각 20자까지 ‘ / ’로 나누어 적어 주세요."))
    return names


_FIELDS: dict[str, Callable[[str, _Known], Any]] = {
    "name": _text(80, required=True),
    "category": _category,
    "deal": _choice(Product.Deal.choices, Product.Deal.RETAIL),
    "state": _choice(Product.State.choices, Product.State.ON_SALE),
    "price": lambda text, known: _whole(text, 100, MAX_PRICE),
    "shipping": _rule,
    "condition": _choice(Product.Condition.choices, ""),
    "place": _text(60),
    "description": lambda text, known: clean(_text(20_000)(text, known)),
    "option_names": _options,
}
