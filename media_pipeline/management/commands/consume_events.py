import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from media_pipeline.sqs import EventQueue


class Command(BaseCommand):
    help = "Read provider events from the SQS queue of SQS_EVENTS_QUEUE_URL until SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 Django's signature
        if not settings.SQS_EVENTS_QUEUE_URL:
            raise CommandError("Set SQS_EVENTS_QUEUE_URL; docs/settings.md says what it is for.")
        queue = EventQueue(settings.SQS_EVENTS_QUEUE_URL)

        def end(number: int, frame: FrameType | None) -> None:
            queue.stop()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        queue.run()
