"""Which questions are the same one."""

import unicodedata


def same_text(text: str) -> str:
    """Return what two askings of one question share: letters and digits, without spaces, signs and case.

    Full-width and compatibility forms count as the plain ones (NFKC).
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if unicodedata.category(character)[0] in "LMN")[:200]
