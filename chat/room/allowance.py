"""How much one socket may still send of something."""


class Allowance:
    """`at_once` of it, growing back by `per_second`."""

    __slots__ = ("_at", "_left", "_most", "_per_second")

    def __init__(self, at_once: int, per_second: int, *, now: float) -> None:
        self._most = at_once
        self._per_second = per_second
        self._left = float(at_once)
        self._at = now

    def take(self, now: float, count: int = 1) -> int:
        """Take up to `count` at the moment `now` (seconds) and return how many there were."""
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now
        taken = min(count, int(self._left))
        self._left -= taken
        return taken
