from django.conf import settings
from django.db import models
from django.utils import timezone

from broadcasts.models import Channel


class Follow(models.Model):
    """A member wants to see more of a channel. How many do is counted in `Channel.followers`."""

    # Both are found by the index and the constraint below: no third and fourth index for each row.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows", db_index=False
    )
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="follows", db_index=False)
    followed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "member"], name="following_once"),
        ]
        indexes = [
            models.Index(fields=["member", "-followed_at"], name="following_of_member"),  # the member's list
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.member_id}"
