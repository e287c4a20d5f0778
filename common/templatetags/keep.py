"""Parts of pages that are not made anew for each visitor.

{% keep a b %} … {% endkeep %} is made once in a process. What it shows may depend on the values named, the language
and nothing else: not on who asks, and not on the time.

{% share a b %} … {% endshare %} is made at most once in settings.SHARED_SECONDS for all who are not signed in, and
anew for each member: the lists that thousands open at once. It may depend on the time zone too, and may be that old.
Give the template what it reads lazily, so that nothing is asked for in vain.
"""

import time
from typing import Any

from django import template
from django.conf import settings
from django.core.signals import setting_changed
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

MOST = 1024
"""Versions of one part that a process keeps; beyond that it begins anew."""

register = template.Library()
_all: list[dict[Any, Any]] = []


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


class ShareNode(template.Node):
    def __init__(self, values: list[FilterExpression], nodelist: NodeList) -> None:
        self.values = values
        self.nodelist = nodelist
        self.kept: dict[Any, tuple[float, SafeString | None]] = {}
        _all.append(self.kept)

    def render(self, context: Context) -> SafeString:
        if not settings.SHARED_SECONDS or context["request"].user.is_authenticated:
            return self.nodelist.render(context)
        key = (
            get_language(),
            get_current_timezone_name(),
            *(value.resolve(context) for value in self.values),
        )
        now = time.monotonic()
        until, made = self.kept.get(key, (0.0, None))
        if made is None or until <= now:
            if made is not None:  # whoever comes while it is made anew gets what there is
                self.kept[key] = (now + settings.SHARED_SECONDS, made)
            made = self.nodelist.render(context)
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[key] = (now + settings.SHARED_SECONDS, made)
        return made


@register.tag
def keep(parser: Parser, token: Token) -> KeepNode:
    return KeepNode(*_parts(parser, token, "endkeep"))


@register.tag
def share(parser: Parser, token: Token) -> ShareNode:
    return ShareNode(*_parts(parser, token, "endshare"))


def _parts(parser: Parser, token: Token, end: str) -> tuple[list[FilterExpression], NodeList]:
    values = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodelist = parser.parse((end,))
    parser.delete_first_token()
    return values, nodelist


def forget_kept(**_: object) -> None:
    """Make every part anew: a setting may change what it says."""
    for kept in _all:
        kept.clear()


setting_changed.connect(forget_kept)
