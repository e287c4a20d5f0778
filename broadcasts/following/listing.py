"""The channels a member follows, with what there is to watch of each."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import User
from broadcasts.following.models import Follow
from broadcasts.models import Broadcast


def followed_by(member: User) -> QuerySet[Follow]:
    """Return the member's follows with their channels: those on the air first, then those followed last."""
    shows = Broadcast.objects.filter(channel=OuterRef("channel"))
    return (
        Follow.objects.filter(member=member)
        .select_related("channel__member")
        .annotate(
            is_on_air=Exists(shows.on_air()),
            on_air_id=Subquery(shows.on_air().values("pk")[:1]),
            replay_id=Subquery(shows.replayable().order_by("-ended_at").values("pk")[:1]),
        )
        .order_by("-is_on_air", "-followed_at", "-pk")
    )


def note_shows(follows: Sequence[Follow]) -> None:
    """Set `show` on each that `followed_by` gave: what is on the air, else the last replay, else None. One query."""
    ids = {follow: follow.on_air_id or follow.replay_id for follow in follows}  # type: ignore[attr-defined]
    shows = Broadcast.objects.in_bulk(filter(None, ids.values()))
    for follow, show_id in ids.items():
        follow.show = shows.get(show_id)  # type: ignore[attr-defined]
