"""SIGINT, SIGTERM and SIGHUP as one request to stop: the first interrupts, the rest change nothing."""

import signal
from collections.abc import Callable
from types import FrameType


def interrupt_once() -> None:
    """Let the first of the signals raise KeyboardInterrupt in the main thread, the later ones do nothing."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        ignore_interrupts()
        raise KeyboardInterrupt

    _handle(interrupt)


def ignore_interrupts() -> None:
    """Let nothing interrupt what follows: we are stopping already."""
    _handle(lambda number, frame: None)  # not SIG_IGN, which programs started from now on would inherit


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    signal.signal(signal.SIGINT, handler)  # also where a shell's & has it ignored
    signal.signal(signal.SIGTERM, handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGHUP, handler)
