"""Amounts as people in Korea read them; amounts are whole won everywhere."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def won(amount: int | None) -> str:
    """12900 → "12,900원"."""
    return _("%(amount)s원") % {"amount": f"{amount or 0:,}"}


@register.filter
def compact(count: int | None) -> str:
    """Short counts: 950 → "950", 12000 → "1.2만", 34000000 → "3400만"."""
    number = count or 0
    if number < 10_000:
        return f"{number:,}"
    in_ten_thousands = number / 10_000
    text = (
        f"{in_ten_thousands:.1f}".removesuffix(".0") if in_ten_thousands < 100 else f"{in_ten_thousands:,.0f}"
    )
    return _("%(count)s만") % {"count": text}
