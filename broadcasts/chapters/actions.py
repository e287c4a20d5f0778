"""Every write to chapters but those that follow the pin (`broadcasts.chapters.pins`)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast
from broadcasts.moves import lock_broadcast
from catalog.models import Product
from common.errors import DomainError

MOST = 200
TITLE_LENGTH = Chapter._meta.get_field("title").max_length or 60


class TooManyChapters(DomainError):
    """The show has as many chapters as a list can bear."""

    code = "too_many_chapters"


@transaction.atomic
def add_chapter(
    broadcast: Broadcast,
    *,
    at: datetime,
    title: str,
    product: Product | None = None,
    source: str = Chapter.Source.SELLER,
) -> Chapter:
    """Note a moment (on the server's clock) of a show; the same again is the same chapter.

    What is too long of the title is cut off. Raises TooManyChapters.
    """
    lock_broadcast(broadcast.pk)
    title = title[:TITLE_LENGTH]
    chapters = Chapter.objects.filter(broadcast=broadcast)
    if known := chapters.filter(at=at, title=title, hidden=False).first():
        return known
    if chapters.count() >= MOST:
        raise TooManyChapters(_("장면은 한 방송에 %(most)s개까지 넣을 수 있어요.") % {"most": MOST})
    return Chapter.objects.create(broadcast=broadcast, at=at, title=title, product=product, source=source)


def change_chapter(chapter: Chapter, *, title: str, at: datetime) -> None:
    """Give it another title and moment."""
    Chapter.objects.filter(pk=chapter.pk).update(title=title[:TITLE_LENGTH], at=at)


def remove_chapter(chapter: Chapter) -> None:
    """Take it out of the replay. What the show made by itself is only hidden: the report goes on counting it."""
    if chapter.source == Chapter.Source.SELLER:
        chapter.delete()
    else:
        Chapter.objects.filter(pk=chapter.pk).update(hidden=True)
