"""Blocked words, however they are written: spaced out, cut into jamo, stretched, in full width, with symbols between.

A text becomes the letters of each of its characters, `|` after every character and `|_` where a blank was:
"시 발" reads "ㅅㅣ|_ㅂㅏㄹ|", "ㅅㅣ발" reads "ㅅ|ㅣ|ㅂㅏㄹ|". A word becomes a pattern over that. It begins and ends
where characters do, so that "시발" is not found in "다시 바라던", and over blanks only where words begin and end, so
that "다시 발송해 주세요" may be said.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.functional import cached_property

# The conjoining letters of Unicode (chapter 3.12) as the ones people type; what joins two is written as two.
_ROWS = {
    0x1100: "ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ",
    0x1161: "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ",
    0x11A8: "ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ",
}
_JAMO = {
    chr(first + place): letters for first, row in _ROWS.items() for place, letters in enumerate(row.split())
}
_VOWELS = set(_ROWS[0x1161]) - {" "}
_END = r"(?=\|)"
_STEP = r"\|_?"


def letters_of(character: str) -> str:
    """Return the plain letters and digits of a character, "" for symbols, marks and blanks."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(_JAMO.get(part, part) for part in plain if unicodedata.category(part)[0] in "LN")


def spelled(text: str) -> str:
    """Return the text as the module's first lines describe it."""
    words = ([letters for character in word if (letters := letters_of(character))] for word in text.split())
    return "_".join("|".join(_without_digits_between(word)) + "|" for word in words if word)


def _without_digits_between(word: list[str]) -> list[str]:
    """ "시1발": figures inside a Korean word are there to hide it."""
    joined = "|".join(word)
    if not re.search(r"[0-9]", joined):
        return word
    return re.sub(r"(?<=[ㄱ-ㅣ]\|)(?:[0-9]\|)+(?=[ㄱ-ㅣ])", "", joined).split("|")


def is_word(text: str) -> bool:
    """Whether a word can be looked for: it has two letters at least, not only the same one."""
    return len(set(spelled(text)) - set("|_")) > 1


def _pattern_of(word: str) -> str:
    characters = [part for part in re.split(r"\|_?", spelled(word)) if part]
    units = [(letters, len(list(run))) for letters, run in groupby(characters)]
    following = [letters for letters, _ in units[1:]] + [""]
    pattern = _STEP.join(
        _repeated(letters, times, before=following[place]) for place, (letters, times) in enumerate(units)
    )
    # "class" does not hold "ass": words in Latin letters stand for themselves.
    before = r"(?<![a-z0-9]\|)" if characters[0].isascii() else ""
    after = r"(?!\|[a-z0-9])" if characters[-1].isascii() else ""
    return rf"(?:(?<=[|_])|^){before}{pattern}{_END}{after}"


def _repeated(letters: str, times: int, *, before: str) -> str:
    """A character that may also be cut into its letters, each and the whole repeated, and drawn out ("시이이")."""
    if len(letters) == 1:
        return rf"{letters}(?:{_STEP}{letters}){{{times - 1},}}"
    # A cut-off letter may be repeated: possessive, so that a hostile text cannot make this slow.
    one = r"(?:\|_?)?".join(rf"{letter}(?:\|{letter}{_END})*+" for letter in letters)
    echo = f"ㅇ{letters[-1]}"
    if letters[-1] in _VOWELS and before != echo:
        one += rf"(?:{_STEP}{echo}{_END})*+"
    return rf"{one}(?:{_STEP}{one}){{{times - 1},}}"


def _starts_and_ends_words(text: str, start: int, end: int) -> bool:
    return (start == 0 or text[start - 1] == "_") and text[end : end + 2] in ("|", "|_")


@dataclass(frozen=True)
class WordList:
    """The words of a channel; texts are compared as they are read, not as they are written."""

    blocked: tuple[str, ...]
    allowed: tuple[str, ...]

    def blocks(self, text: str) -> bool:
        """Whether the text holds a blocked word outside of the allowed ones."""
        if self._blocked is None:
            return False
        line = spelled(text)
        found = list(_matches(self._blocked, line))
        if not found or self._allowed is None:
            return bool(found)
        excused = list(_matches(self._allowed, line))
        return any(not any(first <= start and end <= last for first, last in excused) for start, end in found)

    @cached_property
    def _blocked(self) -> re.Pattern[str] | None:
        return _any_of(self.blocked)

    @cached_property
    def _allowed(self) -> re.Pattern[str] | None:
        return _any_of(self.allowed)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    # The longest first: of two that begin together it is the one that is found.
    ordered = sorted(filter(is_word, words), key=len, reverse=True)
    return re.compile("|".join(map(_pattern_of, ordered))) if ordered else None


def _matches(pattern: re.Pattern[str], line: str) -> Iterable[tuple[int, int]]:
    match = pattern.search(line)
    while match:
        start, end = match.span()
        if "_" not in match.group() or _starts_and_ends_words(line, start, end):
            yield start, end
        match = pattern.search(line, start + 1)
