"""Blocked words, however they are written: spaced out, cut into jamo, stretched, in full width, with symbols between.

A text becomes the letters of each of its characters, `|` after every character and `|_` where a blank was:
"시 발" reads "ㅅㅣ|_ㅂㅏㄹ|", "ㅅㅣ발" reads "ㅅ|ㅣ|ㅂㅏㄹ|". A word becomes a pattern over that. It begins and ends
where characters do, so that "시발" is not found in "다시 바라던", and over blanks only where words begin and end, so
that "다시 발송해 주세요" may be said.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

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
LONGEST_RUN = 4
"""More of the same are not looked at: a hostile text must not make this slow."""

# A word is looked for twice: in one piece, anywhere; and over blanks, where words begin and end.
_IN_ONE_PIECE, _OVER_BLANKS = r"\|", r"\|_?"
_LETTER_ENDS = r"(?=\|)"


@lru_cache(maxsize=20_000)  # as many as all Hangul syllables and what else people type
def letters_of(character: str) -> str:
    """Return the plain letters and digits of a character, "" for symbols, marks and blanks."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(_JAMO.get(part, part) for part in plain if unicodedata.category(part)[0] in "LN")


def spelled(text: str) -> str:
    """Return the text as the module's first lines describe it, at most LONGEST_RUN times the same in a row."""
    line, last, run = [], "", 0
    for word in text.split():
        letters = _without_digits_between([part for part in map(letters_of, word) if part])
        kept = []
        for part in letters:
            run = run + 1 if part == last else 1
            last = part
            if run <= LONGEST_RUN:
                kept.append(f"{part}|")
        if kept:
            line.append("".join(kept))
    return "_".join(line)


def _without_digits_between(word: list[str]) -> list[str]:
    """ "시1발": figures inside a Korean word are there to hide it."""
    joined = "|".join(word)
    return re.sub(r"(?<=[ㄱ-ㅣ]\|)(?:[0-9]\|)+(?=[ㄱ-ㅣ])", "", joined).split("|") if joined else []


def is_word(text: str) -> bool:
    """Whether a word can be looked for: it has two letters at least, not only the same one."""
    return len(set(spelled(text)) - set("|_")) > 1


def _written(word: str, step: str) -> str:
    characters = [part for part in re.split(r"\|_?", spelled(word)) if part]
    units = [(letters, len(list(run))) for letters, run in groupby(characters)]
    following = [letters for letters, _ in units[1:]] + [""]
    pattern = step.join(
        _repeated(letters, times, step, before=following[place])
        for place, (letters, times) in enumerate(units)
    )
    # "class" does not hold "ass": words in Latin letters stand for themselves.
    before = r"(?<![a-z0-9]\|)" if characters[0].isascii() else ""
    after = r"(?!\|[a-z0-9])" if characters[-1].isascii() else ""
    return f"{before}{pattern}{_LETTER_ENDS}{after}"


def _repeated(letters: str, times: int, step: str, *, before: str) -> str:
    """A character that may also be cut into its letters, each and the whole repeated, and drawn out ("시이이")."""
    if len(letters) == 1:
        return rf"{letters}(?:{step}{letters}){{{times - 1},}}"
    # A cut-off letter may be repeated: possessive, so that a hostile text cannot make this slow.
    one = f"(?:{step})?".join(rf"{letter}(?:\|{letter}{_LETTER_ENDS})*+" for letter in letters)
    echo = f"ㅇ{letters[-1]}"
    if letters[-1] in _VOWELS and before != echo:
        one += f"(?:{step}{echo}{_LETTER_ENDS})*+"
    return f"{one}(?:{step}{one}){{{times - 1},}}"


@lru_cache(maxsize=10_000)
def _pattern_of(word: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?<=[|_])|^){_written(word, _IN_ONE_PIECE)}"
        rf"|(?:(?<=_)|^){_written(word, _OVER_BLANKS)}(?=\|(?:_|$))"
    )


@dataclass(frozen=True)
class WordList:
    """The words of a channel; texts are compared as they are read, not as they are written."""

    blocked: tuple[str, ...]
    allowed: tuple[str, ...]

    def blocks(self, text: str) -> bool:
        """Whether the text holds a blocked word outside of the allowed ones."""
        if not self.blocked:
            return False
        line = spelled(text)
        found = list(_places(self._letters_of_blocked, line))
        if not found:
            return False
        excused = list(_places(self._letters_of_allowed, line))
        return any(not any(first <= start and end <= last for first, last in excused) for start, end in found)

    @cached_property
    def _letters_of_blocked(self) -> dict[str, frozenset[str]]:
        return _with_letters(self.blocked)

    @cached_property
    def _letters_of_allowed(self) -> dict[str, frozenset[str]]:
        return _with_letters(self.allowed)


def _with_letters(words: Iterable[str]) -> dict[str, frozenset[str]]:
    return {word: frozenset(spelled(word)) - set("|_") for word in words if is_word(word)}


def _places(words: Mapping[str, frozenset[str]], line: str) -> Iterator[tuple[int, int]]:
    """Where the words are. Most lack a letter in the text: for those no pattern is made or tried."""
    letters = set(line)
    for word, needed in words.items():
        if needed <= letters:
            pattern = _pattern_of(word)
            match = pattern.search(line)
            while match:
                yield match.span()
                match = pattern.search(line, match.start() + 1)
