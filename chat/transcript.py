"""A show's chat as a file."""

import csv
from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from broadcasts.models import Broadcast, Moderator
from broadcasts.replay import Place, read_replay
from chat.models import Message
from chat.telling import messages_of
from common.csv_files import EXCEL_MARK, Echo, plain

ROWS_AT_ONCE = 500


def as_csv(broadcast: Broadcast) -> Iterator[str]:
    """Return the lines of the file, read page by page: everything that was said, hidden messages too."""
    replay = read_replay(broadcast)
    moderators = set(Moderator.objects.filter(channel=broadcast.channel).values_list("member_id", flat=True))
    badges = {**dict.fromkeys(moderators, _("매니저")), broadcast.channel.member_id: _("판매자")}
    writer = csv.writer(Echo())
    yield EXCEL_MARK + writer.writerow(
        [
            *(_("번호"), _("시각"), _("다시보기 위치"), _("닉네임"), _("구분"), _("구매"), _("메시지")),
            *(_("답한 메시지 번호"), _("가림")),
        ]
    )
    for message in messages_of(broadcast.pk).order_by("seq").iterator(chunk_size=ROWS_AT_ONCE):
        place = replay.place_of(message.created_at) if replay else None
        yield writer.writerow(_row(message, badges.get(message.author_id, ""), place))


def _row(message: Message, badge: str, place: Place | None) -> list[str | int]:
    return [
        message.seq,
        f"{timezone.localtime(message.created_at):%Y-%m-%d %H:%M:%S}",
        _clock(place) if place else "",
        plain(message.author.nickname),
        badge,
        _("구매") if message.bought else "",
        plain(message.text),
        message.reply_to.seq if message.reply_to else "",
        _("가림") if message.hidden_at else "",
    ]


def _clock(place: Place) -> str:
    hours, rest = divmod(place.seconds, 3600)
    clock = f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return clock if place.part == 1 else _("%(part)d부 %(clock)s") % {"part": place.part, "clock": clock}
