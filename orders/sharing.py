"""Dividing whole won so that the parts always add up to the whole.

The rule, everywhere: each part is rounded down, and the won that are left over go one by one to the parts with the
largest remainders, the earlier part first among equals.
"""

from collections.abc import Sequence


def share(whole: int, weights: Sequence[int]) -> list[int]:
    """Divide `whole` won in proportion to `weights`; no part gets more than `whole`, and their sum is `whole`.

    Weights are not negative; where all are 0, the first part gets everything. Raises ValueError for no parts.
    """
    if not weights:
        raise ValueError("nothing to divide among")
    total = sum(weights)
    if total == 0:
        return [whole, *[0] * (len(weights) - 1)]
    parts = [whole * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return parts


def part_so_far(whole: int, done: int, of: int) -> int:
    """Return how much of `whole` belongs to the first `done` of `of` equal pieces.

    Giving back piece by piece by the difference of two such sums adds up to the whole, in whatever steps.
    """
    return whole * done // of


def basis_points(amount: int, points: int) -> int:
    """Return `points` hundredths of a per cent of `amount` won, rounded half up."""
    return (amount * points + 5_000) // 10_000
