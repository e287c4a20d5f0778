"""The Range header (RFC 9110, section 14)."""

import re

NOT_SATISFIABLE = (0, 0)
_SINGLE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def read_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the bytes asked for of a file of `size` bytes as (first, one after the last).

    None: the whole file, for no range, several or nonsense, as the standard allows. NOT_SATISFIABLE: answer 416.
    """
    asked = _SINGLE.fullmatch(header.strip())
    if asked is None or not any(asked.groups()):
        return None
    first, last = asked.groups()
    if not first:  # the last so many bytes
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    return (start, end) if start < end else NOT_SATISFIABLE
