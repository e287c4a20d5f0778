"""What ./dev tells about itself: on standard error, since standard output belongs to what it runs."""

import re
import sys

_CREDENTIALS = re.compile(r"//[^/@\s]+@")


def say(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def without_credentials(text: str) -> str:
    """Hide the user and password of every URL, as in the address of a private package index."""
    return _CREDENTIALS.sub("//***@", text)


def tail(text: str, lines: int = 15) -> str:
    """The last lines of a program's output, indented, fit to be shown."""
    kept = [line for line in without_credentials(text).splitlines() if line.strip()][-lines:]
    return "\n".join(f"    {line}" for line in kept)
