"""The one error that ./dev shows to a person."""


class Problem(Exception):
    """Something a person has to put right, told in one sentence; shown without a traceback."""
