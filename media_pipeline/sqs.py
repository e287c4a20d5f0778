"""Reading provider events from an SQS queue (EventBridge's target) into the inbox.

A message is deleted only after its envelope is committed; whatever goes wrong before, it comes back by itself, and
the queue's redrive policy takes it to the dead-letter queue in the end. Doubles are the inbox's business.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction

from common.aws import aws_client, calling_aws
from common.errors import ProviderError
from media_pipeline import inbox

logger = logging.getLogger(__name__)

Message = dict[str, Any]

WAIT_SECONDS = 20
"""Of a long poll: the most SQS allows, and the fewest requests to pay for."""

BATCH = 10
VISIBILITY_SECONDS = 60
"""A message nobody deleted comes back after this long; extended while we work on it."""

DELETE_TRIES = 3
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0


class EventQueue:
    """The queue at `url`. `run` reads it until `stop`, which a signal handler may call."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._stopping = False
        self._idle = False
        """No message in hand: a signal may end the process here and now."""

    def stop(self) -> None:
        """End after the batch in hand, or at once when there is none: what a poll just receives comes back."""
        self._stopping = True
        if self._idle:
            raise SystemExit(0)

    def run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping:
            try:
                self.read_batch()
            except (ProviderError, DatabaseError) as error:
                # Refusals too: a queue or a permission that is missing now may be there after the next deployment.
                logger.warning("events cannot be read", extra={"error": type(error).__name__}, exc_info=True)
                connection.close()
                with self._being_idle():
                    time.sleep(pause)
                pause = min(LONGEST_PAUSE_SECONDS, pause * 2)
            else:
                pause = FIRST_PAUSE_SECONDS

    def read_batch(self) -> int:
        """Wait for messages, keep and delete them; return how many were kept.

        Raises ProviderError, and the database's errors before anything is taken from the queue where possible.
        """
        close_old_connections()
        connection.ensure_connection()  # without a database there is no use in taking messages
        messages = self._receive()
        with self._staying_invisible(messages):
            kept = list(self._keep(messages))
            self._delete(kept)
        return len(kept)

    def _receive(self) -> list[Message]:
        with calling_aws(), self._being_idle():
            answer = aws_client("sqs", read_seconds=WAIT_SECONDS + 5).receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=BATCH,
                WaitTimeSeconds=WAIT_SECONDS,
                VisibilityTimeout=VISIBILITY_SECONDS,
            )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    @contextmanager
    def _being_idle(self) -> Iterator[None]:
        self._idle = True
        try:
            if self._stopping:  # the signal came just before
                raise SystemExit(0)
            yield
        finally:
            self._idle = False

    def _keep(self, messages: Sequence[Message]) -> Iterator[Message]:
        """Yield what is committed. What the database does not take stays in the queue."""
        for message in messages:
            try:
                with transaction.atomic():
                    inbox.accept_text(message["Body"])
            except (OperationalError, InterfaceError):
                logger.warning("events stay in the queue", exc_info=True)
                connection.close()
                return
            except DatabaseError:
                logger.exception("event not kept", extra={"message_id": message["MessageId"]})
            else:
                yield message

    def _delete(self, messages: Sequence[Message]) -> None:
        """Delete from the queue; what cannot be deleted comes back and is recognised."""
        left = [
            {"Id": str(place), "ReceiptHandle": each["ReceiptHandle"]} for place, each in enumerate(messages)
        ]
        for _ in range(DELETE_TRIES):
            if not left:
                return
            with calling_aws():
                answer = aws_client("sqs").delete_message_batch(QueueUrl=self.url, Entries=left)
            failed = {failure["Id"] for failure in answer.get("Failed", [])}
            left = [entry for entry in left if entry["Id"] in failed]
        if left:
            logger.warning("events not deleted from the queue", extra={"count": len(left)})

    @contextmanager
    def _staying_invisible(self, messages: Sequence[Message]) -> Iterator[None]:
        """Keep messages from others while the block runs, however long the database takes."""
        if not messages:
            yield
            return
        done = threading.Event()
        beating = threading.Thread(target=self._beat, args=(messages, done), daemon=True)
        beating.start()
        try:
            yield
        finally:
            done.set()
            beating.join()

    def _beat(self, messages: Sequence[Message], done: threading.Event) -> None:
        entries = [
            {
                "Id": str(place),
                "ReceiptHandle": each["ReceiptHandle"],
                "VisibilityTimeout": VISIBILITY_SECONDS,
            }
            for place, each in enumerate(messages)
        ]
        while not done.wait(VISIBILITY_SECONDS / 3):
            try:
                with calling_aws():
                    aws_client("sqs").change_message_visibility_batch(QueueUrl=self.url, Entries=entries)
            except ProviderError:
                logger.warning("events may come twice", exc_info=True)
