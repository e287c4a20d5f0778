"""What a room hears of its questions and of what lies on the picture."""

from dataclasses import dataclass
from typing import ClassVar

from chat.questions.models import Question, Screen


@dataclass(frozen=True, kw_only=True)
class QuestionChanged:
    """A question (its code) was asked or got on. `version` orders the news of one question; `name` is its author's."""

    type: ClassVar[str] = "chat.question"
    question: str
    version: int
    status: str
    text: str
    name: str
    votes: int

    @classmethod
    def of(cls, question: Question) -> "QuestionChanged":
        """Select `author` with the question: this reads it."""
        return cls(
            question=question.code,
            version=question.version,
            status=question.status,
            text=question.text,
            name=question.author.nickname,
            votes=question.votes,
        )


@dataclass(frozen=True, kw_only=True)
class VotesCounted:
    """How many want to know the most wanted questions: {code: members}. Told once a second at most."""

    type: ClassVar[str] = "question.votes"
    version: int
    votes: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class OnScreen:
    """What lies on the picture: `kind` "question" or "support" (`amount` in won), its code as `id`.

    `since` is the moment it was put there, ISO 8601 by the server's clock: pages wait until their picture is there.
    """

    id: str
    kind: str
    text: str
    name: str
    amount: int | None
    since: str
    version: int

    @classmethod
    def of(cls, screen: Screen) -> "OnScreen | None":
        if not screen.item or screen.since is None:
            return None
        return cls(
            id=screen.item,
            kind=screen.kind,
            text=screen.text,
            name=screen.name,
            amount=screen.amount,
            since=screen.since.isoformat(),
            version=screen.version,
        )


@dataclass(frozen=True, kw_only=True)
class ScreenChanged:
    """Something else, or nothing (`item` null), lies on the picture since the moment `at`."""

    type: ClassVar[str] = "screen.changed"
    version: int
    at: str
    item: OnScreen | None

    @classmethod
    def of(cls, screen: Screen) -> "ScreenChanged":
        """Raises ValueError for a screen that never showed anything."""
        if screen.since is None:
            raise ValueError("nothing was ever shown")
        return cls(version=screen.version, at=screen.since.isoformat(), item=OnScreen.of(screen))
