"""SIGINT, SIGTERM and SIGHUP as one request to stop: the first interrupts, the rest change nothing."""

import signal
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt_once() -> None:
    """Let the first of the signals raise KeyboardInterrupt in the main thread, the later ones do nothing."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        ignore_interrupts()
        raise KeyboardInterrupt

    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, interrupt)


def ignore_interrupts() -> None:
    """Let nothing interrupt what follows: we are stopping already."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            # Not SIG_IGN, which programs started from now on would inherit.
            signal.signal(number, lambda number, frame: None)
