from celery import shared_task

from common import heartbeat


@shared_task(name="common.beat_heart", expires=30)
def beat_heart() -> None:
    heartbeat.beat_heart()
