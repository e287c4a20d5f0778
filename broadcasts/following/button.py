"""What the follow button of a channel shows (`broadcasts/following/_button.html`)."""

from typing import Any

from django.http import HttpRequest

from broadcasts.following.models import Follow
from broadcasts.models import Channel


def button_context(request: HttpRequest, channel: Channel, *, back: str) -> dict[str, Any]:
    """Return what the button needs; one query for members, none for guests. Select `member` with the channel.

    `back` is the page it stands on, to which browsers without scripts return.
    """
    member = request.user
    return {
        "request": request,
        "channel": channel,
        "is_following": member.is_authenticated
        and Follow.objects.filter(member=member, channel=channel).exists(),
        "back": back,
    }
