"""Telling a room how many want to know its questions: once a second, however many press the button."""

from django.db import transaction
from django.db.models import F

from broadcasts.models import Broadcast
from chat.questions.events import VotesCounted
from chat.questions.models import Question, Screen
from common.events import send_on_commit
from common.redis_client import redis_client

PAUSE_SECONDS = 1
MOST_TOLD = 50


def flag(broadcast_id: int) -> str:
    """Return the Redis key that stands while somebody has called for the counts to be told."""
    return f"votes-told:{broadcast_id}"


def tell_votes(broadcast_id: int) -> None:
    """Tell the counts of the most wanted questions. Votes that come from here on are told the next time."""
    redis_client().delete(flag(broadcast_id))
    room = Broadcast.objects.values_list("code", flat=True).get(pk=broadcast_id)
    with transaction.atomic():
        screen = Screen.objects.filter(pk=broadcast_id)
        screen.update(votes_version=F("votes_version") + 1)
        version = screen.values_list("votes_version", flat=True).get()
        wanted = Question.objects.open().filter(broadcast=broadcast_id).most_wanted()
        votes = dict(wanted.values_list("code", "votes")[:MOST_TOLD])
        send_on_commit(room, VotesCounted(version=version, votes=votes))
