"""Parts of lists, made once for what they show: a card that says something else is another card."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.conf import settings
from django.core.signals import setting_changed
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language

from catalog.cards import Card
from catalog.categories import Node
from catalog.rich_text import shown

SUMMARY = 150
"""Characters."""

KEPT_CARDS = 4096
"""About 3 MB a process."""

register = template.Library()


@register.filter
def rich_text(text: str) -> SafeString:
    """What a page shows of a seller's text."""
    return shown(text)


@register.filter
def summary(text: str) -> str:
    """What search engines and share cards get of a seller's text."""
    return Truncator(" ".join(strip_tags(shown(text)).split())).chars(SUMMARY)


@register.simple_tag
def product_card(card: Card) -> SafeString:
    made = _card.__wrapped__ if settings.DEBUG else _card  # an edited template shows at once
    return made(card, get_language())


@register.simple_tag
def category_chips(nodes: Iterable[Node]) -> SafeString:
    return _chips(tuple((node.slug, node.name) for node in nodes), get_language())


@lru_cache(maxsize=KEPT_CARDS)
def _card(card: Card, language: str | None) -> SafeString:
    return render_to_string("components/_product_card.html", {"card": card})


@lru_cache(maxsize=256)
def _chips(nodes: tuple[tuple[str, str], ...], language: str | None) -> SafeString:
    return render_to_string("catalog/_chips.html", {"nodes": nodes})


def forget_parts(**_: object) -> None:
    """Make every part anew: a setting may change what it says."""
    _card.cache_clear()
    _chips.cache_clear()


setting_changed.connect(forget_parts)
