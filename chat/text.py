"""What a message may look like: one line of visible text."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

from django.conf import settings

from chat.refusals import EmptyText, TextTooLong

MOST_MARKS = 3
"""Combining marks in a row: enough for every living script, too few to cover the lines above and below."""

JOINERS = {"\u200c", "\u200d"}  # they hold emoji and some scripts together
FILLERS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}  # "letters" and "symbols" nobody can see
PLAIN = re.compile(r"[ -~가-힣ㄱ-ㅣ]*")
"""Most of what is said, in which there is nothing to drop: a hundredth of the work."""
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean_text(raw: str) -> str:
    """Return what will be shown of `raw`. Raises EmptyText, TextTooLong."""
    spaced = re.sub(r"\s+", " ", raw)  # before control characters go: line ends and tabs part words
    text = (spaced if PLAIN.fullmatch(spaced) else _without_tricks(spaced)).strip()
    if not any(_is_seen(character) for character in text):
        raise EmptyText
    if len(text) > settings.CHAT_MAX_LENGTH:
        raise TextTooLong(settings.CHAT_MAX_LENGTH)
    return text


def _without_tricks(spaced: str) -> str:
    return _with_few_marks(
        character for character in unicodedata.normalize("NFC", spaced) if not _is_dropped(character)
    )


def _is_dropped(character: str) -> bool:
    """Control characters, direction overrides, halves of characters, blanks posing as letters."""
    if character in JOINERS:
        return False
    return character in FILLERS or unicodedata.category(character) in INVISIBLE


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"}


def _is_seen(character: str) -> bool:
    return not (character.isspace() or character in JOINERS or _is_mark(character))


def _with_few_marks(characters: Iterable[str]) -> str:
    runs = ((is_mark, list(run)) for is_mark, run in groupby(characters, _is_mark))
    return "".join("".join(run[:MOST_MARKS] if is_mark else run) for is_mark, run in runs)
