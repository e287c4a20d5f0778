"""The only ways from a request to a show's questions."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from broadcasts.models import Broadcast
from chat.questions.models import Question


def get_show(code: str) -> Broadcast:
    """Return the show whose questions anybody may read: 404 if there is none, or it was called off."""
    shows = Broadcast.objects.select_related("channel").exclude(status=Broadcast.Status.CANCELLED)
    show = shows.filter(code=code).first()
    if show is None:
        raise Http404
    return show


def get_question(show: Broadcast, code: str) -> Question:
    """Return a question of the show; 404 otherwise."""
    return get_object_or_404(
        Question.objects.select_related("author", "broadcast", "product"), broadcast=show, code=code
    )


def get_question_to_answer(seller: User, code: str) -> Question:
    """Return a question of one of the seller's own shows; 404 for any other, so that codes tell nothing."""
    return get_object_or_404(
        Question.objects.select_related("author", "broadcast", "product"),
        broadcast__channel__member=seller,
        code=code,
    )
