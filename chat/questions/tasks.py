from celery import shared_task

from chat.questions import counting


@shared_task(name="questions.tell_votes")
def tell_votes(broadcast_id: int) -> None:
    counting.tell_votes(broadcast_id)
