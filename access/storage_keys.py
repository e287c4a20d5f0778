"""Which storage keys may be asked for at all."""

import re

# Ours are made of codes, hex and fixed words. Whatever browsers, proxies and file systems read in more than one way
# (dots that climb, hidden and half-written files, backslashes, percent signs, empty segments) is in none of them.
_SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]*"
_KEY = re.compile(f"{_SEGMENT}(?:/{_SEGMENT})+")
_FOLDER = re.compile("videos/[A-Za-z0-9_-]+/")


def is_plain_key(key: str) -> bool:
    """Whether it names a file in a folder, and every reader understands it alike."""
    return _KEY.fullmatch(key) is not None


def is_video_folder(folder: str) -> bool:
    """Whether it is what playback cookies are given for: "videos/<asset>/"."""
    return _FOLDER.fullmatch(folder) is not None
