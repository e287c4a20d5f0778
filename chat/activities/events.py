"""What a live room hears of its activities, hearts and orders."""

from dataclasses import dataclass
from typing import ClassVar

from chat.activities.models import Activity


@dataclass(frozen=True, kw_only=True)
class Winner:
    """A masked name, and the ticket by which the winner's own page knows them."""

    name: str
    ticket: str


@dataclass(frozen=True, kw_only=True)
class ActivityChanged:
    """A poll, quiz or draw began or ended. Moments are ISO 8601; `version` orders the news of all of a room's.

    What would give a quiz or draw away (`counts` of a quiz, `right`, `winners`, `seed`) is empty until `status` is
    "closed". `total` counts the members who took part.
    """

    type: ClassVar[str] = "activity.changed"
    version: int
    code: str
    kind: str
    question: str
    options: list[str]
    status: str
    opened_at: str
    closes_at: str
    places: int
    buyers_only: bool
    counts: list[int]
    total: int
    right: int | None
    winners: list[Winner]
    commitment: str
    seed: str

    @classmethod
    def of(cls, activity: Activity) -> "ActivityChanged":
        over = not activity.is_open
        return cls(
            version=activity.version,
            code=activity.code,
            kind=activity.kind,
            question=activity.question,
            options=activity.options,
            status=activity.status,
            opened_at=activity.opened_at.isoformat(),
            closes_at=activity.closes_at.isoformat(),
            places=activity.places,
            buyers_only=activity.buyers_only,
            counts=public_counts(activity),
            total=activity.total,
            right=activity.right_option if over else None,
            winners=[Winner(**winner) for winner in activity.winners],
            commitment=activity.commitment,
            seed=activity.seed if over else "",
        )


@dataclass(frozen=True, kw_only=True)
class ActivityCounted:
    """More members took part in an open activity (its code); at most once a second."""

    type: ClassVar[str] = "activity.counted"
    version: int
    code: str
    counts: list[int]
    total: int

    @classmethod
    def of(cls, activity: Activity) -> "ActivityCounted":
        return cls(
            version=activity.version,
            code=activity.code,
            counts=public_counts(activity),
            total=activity.total,
        )


@dataclass(frozen=True, kw_only=True)
class HeartsChanged:
    """So many hearts were given in this show. It only grows; at most once a second."""

    type: ClassVar[str] = "hearts.changed"
    count: int


@dataclass(frozen=True, kw_only=True)
class OrderPlaced:
    """Somebody bought in this show: `name` is masked, `count` orders were paid since this was told last.

    Product (its code) and name are the newest order's. At most one a second; `version` is the moment in ms.
    """

    type: ClassVar[str] = "order.placed"
    version: int
    product: str
    product_name: str
    name: str
    count: int


def public_counts(activity: Activity) -> list[int]:
    """Return answers per option as everybody may see them: those of an open quiz would give it away."""
    if activity.kind == Activity.Kind.POLL or not activity.is_open:
        return activity.counts
    return []
