"""Whether a text leads to another site."""

import re
import unicodedata

# Ends of addresses that people write without "https://". Those that are words or units too ("so", "me", "ai")
# count only with what follows an address, or without blanks around the dot.
_ENDS = (
    "com|net|org|kr|co|io|me|ly|gg|gl|to|tv|be|xyz|shop|store|site|online|info|biz|app|dev|link|live|club|top|cc|"
    "us|jp|cn|ru|uk|한국|컴"
)
_ENDS_ALONE = "com|net|org|kr|xyz|한국|컴"
_LABEL = r"[a-z0-9가-힣](?:[a-z0-9가-힣-]{0,61}[a-z0-9가-힣])?"

_DOTS = str.maketrans(dict.fromkeys("。．｡․‧·・ㆍ•∙⋅", "."))  # noqa: RUF001 they pose as dots
_SPELLED_DOT = re.compile(
    r"(?<=[a-z0-9가-힣])\s*[(\[{<]\s*(?:d\s*o\s*t|닷|점|쩜|\.)\s*[)\]}>]\s*(?=[a-z가-힣])"
    r"|(?<=[a-z0-9])\s+(?:d\s*o\s*t)\s+(?=[a-z])"
    rf"|(?<=[a-z0-9])\s*(?:닷|쩜)\s*(?=(?:{_ENDS_ALONE})\b)"
)
_SPACED_OUT = re.compile(r"(?<!\S)(?:\S ){3,}\S(?!\S)")

_LINK = re.compile(
    r"\bhttps?\s*:\s*/\s*/"
    r"|\bwww\s*\.\s*[a-z0-9]"
    rf"|(?<![a-z0-9.@-])(?:{_LABEL}\.)+(?:{_ENDS})(?![a-z0-9-])"
    rf"|(?<![a-z0-9.@-])(?:{_LABEL}\.)+[a-z]{{2,24}}(?:/|:[0-9])"
    rf"|(?<![a-z0-9])[a-z0-9][a-z0-9-]+\s*\.\s*(?:{_ENDS_ALONE})(?![a-z0-9가-힣-])"
    r"|(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])"
)


def has_link(text: str) -> bool:
    """Whether the text holds an address, also a bare or a disguised one ("naver 닷 com", "n a v e r . c o m")."""
    plain = unicodedata.normalize("NFKC", text.translate(_DOTS)).casefold()
    plain = _SPACED_OUT.sub(lambda run: run.group().replace(" ", ""), plain)
    return bool(_LINK.search(_SPELLED_DOT.sub(".", plain)))
