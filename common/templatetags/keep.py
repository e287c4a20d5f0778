"""{% keep a b %} … {% endkeep %}: a part of a page that says the same thing to everybody, made once in a process.

What it shows may depend on the values named, the language and nothing else: not on who asks, and not on the time.
"""

from typing import Any

from django import template
from django.core.signals import setting_changed
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

MOST = 1024
"""Versions of one part that a process keeps; beyond that it begins anew."""

register = template.Library()
_all: list[dict[Any, SafeString]] = []


class KeepNode(template.Node):
    def __init__(self, values: list[FilterExpression], nodelist: NodeList) -> None:
        self.values = values
        self.nodelist = nodelist
        self.kept: dict[Any, SafeString] = {}
        _all.append(self.kept)

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(value.resolve(context) for value in self.values))
        made = self.kept.get(key)
        if made is None:
            made = self.nodelist.render(context)
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[key] = made
        return made


@register.tag
def keep(parser: Parser, token: Token) -> KeepNode:
    values = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return KeepNode(values, nodelist)


def forget_kept(**_: object) -> None:
    """Make every part anew: a setting may change what it says."""
    for kept in _all:
        kept.clear()


setting_changed.connect(forget_kept)
