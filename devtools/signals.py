"""SIGINT, SIGTERM and SIGHUP as one request to stop; what comes after the first changes nothing."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """The first signal raises KeyboardInterrupt, or is only noted in `made` while it is `held`."""

    def __init__(self) -> None:
        self.made = False
        self._held = False

    def listen(self) -> None:
        """Take the signals over, in the main thread, for the rest of the process's life."""
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup keeps SIGHUP away
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        first, self.made = not self.made, True
        if first and not self._held:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, nothing is interrupted: the code looks at `made` by itself."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
