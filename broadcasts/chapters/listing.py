"""The chapters of a replay, as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast, LineupItem
from broadcasts.replay import Place, Replay, read_replay


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A chapter and where it is in the replay."""

    chapter: Chapter
    place: Place

    @property
    def icon(self) -> str:
        return {"pin": "shopping-bag", "question": "message-circle-question-mark"}.get(
            self.chapter.source, "bookmark"
        )


def chapters_of(broadcast: Broadcast, replay: Replay | None = None) -> list[Entry]:
    """Return what the replay of a show shows, in its order; nothing while there is no replay.

    Three queries, one less for a replay that was read already.
    """
    replay = replay or read_replay(broadcast)
    if replay is None:
        return []
    shown = Chapter.objects.shown().filter(broadcast=broadcast)
    entries = [Entry(chapter=chapter, place=replay.place_of(chapter.at)) for chapter in shown]
    return sorted(entries, key=lambda entry: (entry.place.part, entry.place.ms))


def lead_to_chapters(items: Sequence[LineupItem], entries: Sequence[Entry]) -> None:
    """Set `again` on each item of a line-up: the first chapter about its product, None without one."""
    first: dict[int, Entry] = {}
    for entry in entries:
        if entry.chapter.product_id:
            first.setdefault(entry.chapter.product_id, entry)
    for item in items:
        item.again = first.get(item.product_id)  # type: ignore[attr-defined]
