"""Short texts that staff of a room type in."""

from chat.moderation.refusals import TooLong
from chat.refusals import TextTooLong
from chat.text import clean_text


def short_text(raw: str, most: int) -> str:
    """Return the text as messages would show it. Raises EmptyText, TooLong (more than `most` characters)."""
    try:
        text = clean_text(raw)
    except TextTooLong as error:
        raise TooLong(most) from error
    if len(text) > most:
        raise TooLong(most)
    return text
