from django.conf import settings
from django.db import models

from broadcasts.models import Broadcast


class Room(models.Model):
    """The chat of a broadcast, made with its first message.

    `last_seq` numbers the messages; its row lock is what puts them in order, without gaps.
    """

    broadcast = models.OneToOneField(
        Broadcast, primary_key=True, on_delete=models.CASCADE, related_name="chat_room"
    )
    last_seq = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.broadcast_id)


class Message(models.Model):
    """What a member said. `key` was made by the writer's browser, so that a repeated send is recognised."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    # A member with messages is deactivated, never deleted: a gap in `seq` reads as "something got lost".
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    text = models.TextField()
    key = models.UUIDField()
    # Nobody looks for the answers to a message, or for what a moderator hid: no index on either.
    reply_to = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    mentions = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    """Codes of the members it speaks to by name."""
    bought = models.BooleanField(default=False, db_default=False)
    """Whether its author had bought from this show when writing it."""
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["seq"]
        indexes = [
            # The replay asks what was said between two moments.
            models.Index(fields=["room", "created_at"], name="chat_message_moment"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="chat_message_seq_once"),
            models.UniqueConstraint(fields=["room", "author", "key"], name="chat_message_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.seq}"
