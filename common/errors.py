"""The roots of every error this project raises on purpose."""


class DomainError(Exception):
    """A rule of the business says no. `message` is a sentence for the person who asked, in their language."""

    code = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.code)
        self.message = message


class IllegalMove(DomainError):
    """A status cannot go from where it is to where it was asked to go."""

    code = "illegal_move"

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"{before} -> {after}")


class ProviderError(Exception):
    """A call to an outside service failed; trying again may help."""


class ProviderRefused(ProviderError):
    """The service said no; trying the same again will not help."""


class OutcomeUnknown(Exception):
    """The call went out and nothing came back: it may have worked, and trying again may do it twice."""
