"""What a seller may write about a product: a little HTML, or plain text."""

import re

import nh3
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe

TAGS = {"p", "br", "h3", "h4", "ul", "ol", "li", "strong", "b", "em", "i", "u", "s", "blockquote", "a", "hr"}
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def clean(text: str) -> str:
    """Return the text as it may be kept: allowed tags only, links marked as not ours. Plain text stays as it is.

    Links lead to http(s) pages only and carry `rel="nofollow noopener ugc"`; styles, classes, handlers, pictures and
    everything that is not allowed are left out, their text kept, but for scripts and styles, which go whole.
    """
    text = text.replace("\r\n", "\n").strip()
    if not _TAG.search(text):
        return text
    return nh3.clean(
        text,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="nofollow noopener ugc",
    )


def shown(text: str) -> SafeString:
    """Return what a page shows of a kept text; it is cleaned again, since rules may have grown stricter."""
    if not _TAG.search(text):
        return mark_safe(linebreaks(escape(text)) if text else "")  # noqa: S308 escaped one step before
    return mark_safe(clean(text))  # noqa: S308 cleaned just now
