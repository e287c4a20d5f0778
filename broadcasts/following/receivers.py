"""Connected in `broadcasts.following.apps`."""

from typing import Any

from django.db.models import F

from broadcasts.following.models import Follow
from broadcasts.models import Channel


def on_follow_deleted(instance: Follow, **_: Any) -> None:  # noqa: ANN401 Django's
    """Count one follower less, also when a member who is deleted takes their follows along."""
    Channel.objects.filter(pk=instance.channel_id).update(followers=F("followers") - 1)
