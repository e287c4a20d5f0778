"""The consumer against moto's SQS and EventBridge, in this process and as the real command."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, OperationalError

from chat.tests.servers import database_url, wait_until
from common.aws import aws_client
from common.errors import ProviderError
from media_pipeline import inbox, sqs
from media_pipeline.models import ProviderEvent
from media_pipeline.sqs import EventQueue

pytestmark = pytest.mark.django_db(transaction=True)


def envelope(**changes):
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Test",
        "source": "test.provider",
        "time": "2026-01-01T00:00:00Z",
        "resources": [],
        "detail": {},
        **changes,
    }


@pytest.fixture
def client(moto_aws):
    return aws_client("sqs")


@pytest.fixture
def dead_letters(client):
    return client.create_queue(QueueName="dead-letters")["QueueUrl"]


@pytest.fixture
def url(client, dead_letters):
    arn = client.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "3"})
    return client.create_queue(QueueName="events", Attributes={"RedrivePolicy": redrive})["QueueUrl"]


@pytest.fixture
def queue(url, monkeypatch):
    monkeypatch.setattr(sqs, "WAIT_SECONDS", 0)
    return EventQueue(url)


def send(client, url, *bodies):
    for body in bodies:
        client.send_message(QueueUrl=url, MessageBody=body if isinstance(body, str) else json.dumps(body))


def left_in(client, url):
    """Return how many messages a queue holds, those somebody works on included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, counts.values()))


def make_visible(monkeypatch):
    """Let messages that were taken and not deleted come back at once."""
    monkeypatch.setattr(sqs, "VISIBILITY_SECONDS", 0)


def test_messages_are_kept_and_deleted(client, url, queue):
    sent = [envelope() for _ in range(13)]
    send(client, url, *sent, sent[0])
    assert queue.read_batch() == 10
    assert queue.read_batch() == 4
    assert queue.read_batch() == 0
    assert set(ProviderEvent.objects.values_list("event_id", flat=True)) == {each["id"] for each in sent}
    assert left_in(client, url) == 0


def test_a_poisonous_message_is_kept_as_malformed_and_deleted(client, url, queue):
    send(client, url, "{not json", envelope(), "[" * 10_000, '{"id": "\\u0000"}')
    assert queue.read_batch() == 4
    assert Counter(ProviderEvent.objects.values_list("status", flat=True)) == {"malformed": 3, "waiting": 1}
    assert left_in(client, url) == 0


def test_what_eventbridge_puts_into_the_queue_is_understood(client, url, queue, settings):
    events = aws_client("events")
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="to-queue", EventPattern=json.dumps({"source": ["app.test"]}))
    events.put_targets(Rule="to-queue", Targets=[{"Id": "queue", "Arn": arn}])
    entry = {"Source": "app.test", "DetailType": "Test", "Detail": '{"n": 1}', "Resources": ["r"]}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    assert queue.read_batch() == 1
    event = ProviderEvent.objects.get()
    assert (event.status, event.source, event.type) == ("waiting", "app.test", "Test")
    assert event.envelope["detail"] == {"n": 1}


def test_a_database_that_is_away_loses_nothing_and_others_messages_are_kept(client, url, queue, monkeypatch):
    real, calls = inbox.accept_text, []

    def away_once(text):
        calls.append(text)
        if len(calls) == 2:
            raise OperationalError("server closed the connection")
        return real(text)

    monkeypatch.setattr(inbox, "accept_text", away_once)
    make_visible(monkeypatch)
    send(client, url, *[envelope() for _ in range(5)])
    assert queue.read_batch() == 1
    assert left_in(client, url) == 4
    assert sum(queue.read_batch() for _ in range(2)) == 4
    assert ProviderEvent.objects.count() == 5


def test_without_a_database_no_message_is_taken(client, url, queue, monkeypatch):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(sqs.connection, "ensure_connection", away)
    send(client, url, envelope())
    with pytest.raises(OperationalError):
        queue.read_batch()
    received = client.receive_message(QueueUrl=url, MessageSystemAttributeNames=["ApproximateReceiveCount"])
    assert received["Messages"][0]["Attributes"]["ApproximateReceiveCount"] == "1"


def test_what_the_database_never_takes_ends_among_the_dead_letters(
    client, url, dead_letters, queue, monkeypatch
):
    bad, real = envelope(), inbox.accept_text

    def refuse(text):
        if json.loads(text)["id"] == bad["id"]:
            raise DataError("not for this column")
        return real(text)

    monkeypatch.setattr(inbox, "accept_text", refuse)
    make_visible(monkeypatch)
    send(client, url, bad, envelope())
    assert [queue.read_batch() for _ in range(5)] == [1, 0, 0, 0, 0]
    assert (left_in(client, url), left_in(client, dead_letters)) == (0, 1)


def test_what_could_not_be_deleted_is_tried_again_and_then_recognised(client, url, queue, monkeypatch):
    real, calls = client.delete_message_batch, []

    def fail_in_part(QueueUrl, Entries):  # noqa: N803 boto3's names
        calls.append([entry["Id"] for entry in Entries])
        if len(calls) == 1:
            failed = {"Id": "1", "SenderFault": False, "Code": "InternalError"}
            return real(QueueUrl=QueueUrl, Entries=Entries[:1]) | {"Failed": [failed]}
        return real(QueueUrl=QueueUrl, Entries=Entries)

    monkeypatch.setattr(client, "delete_message_batch", fail_in_part)
    send(client, url, envelope(), envelope())
    queue.read_batch()
    assert calls == [["0", "1"], ["1"]]
    assert left_in(client, url) == 0


def test_deleting_that_never_works_ends_and_the_double_is_recognised(client, url, queue, monkeypatch, caplog):
    monkeypatch.setattr(
        client,
        "delete_message_batch",
        lambda QueueUrl, Entries: {"Failed": [{"Id": entry["Id"]} for entry in Entries]},  # noqa: N803
    )
    make_visible(monkeypatch)
    send(client, url, envelope())
    assert queue.read_batch() == 1
    assert "not deleted" in caplog.text
    assert queue.read_batch() == 1
    assert ProviderEvent.objects.count() == 1


def test_a_message_is_not_given_to_others_while_we_work_on_it(client, url, queue, monkeypatch):
    monkeypatch.setattr(sqs, "VISIBILITY_SECONDS", 1)
    others, real = [], inbox.accept_text

    def slowly(text):
        deadline = time.monotonic() + 2.5
        while time.monotonic() < deadline:
            others.extend(client.receive_message(QueueUrl=url, WaitTimeSeconds=0).get("Messages", []))
            time.sleep(0.1)
        return real(text)

    monkeypatch.setattr(inbox, "accept_text", slowly)
    send(client, url, envelope())
    assert queue.read_batch() == 1
    assert others == []
    assert left_in(client, url) == 0


def test_it_goes_on_after_trouble_with_growing_pauses(queue, monkeypatch, caplog):
    outcomes = iter([ProviderError("out of reach"), OperationalError("away"), 3, ProviderError("again")])
    pauses = []

    def read():
        outcome = next(outcomes, None)
        if outcome is None:
            queue.stop()
        elif isinstance(outcome, Exception):
            raise outcome

    monkeypatch.setattr(queue, "read_batch", read)
    monkeypatch.setattr(sqs.time, "sleep", pauses.append)
    queue.run()
    assert pauses == [1, 2, 1]


def test_a_queue_that_is_not_there_is_an_error_of_the_provider(moto_aws, monkeypatch):
    monkeypatch.setattr(sqs, "WAIT_SECONDS", 0)
    with pytest.raises(ProviderError):
        EventQueue(f"{moto_aws}/111122223333/nobody").read_batch()


def test_the_command_needs_a_queue(settings):
    settings.SQS_EVENTS_QUEUE_URL = ""
    with pytest.raises(CommandError, match="SQS_EVENTS_QUEUE_URL"):
        call_command("consume_events")


# --- The command as a process -------------------------------------------------------------------------------
@pytest.fixture
def consume(url, moto_aws):
    """Start consumers; whatever still runs is killed after the test."""
    running = []

    def start():
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "SQS_EVENTS_QUEUE_URL": url,
            "AWS_ENDPOINTS": f"sqs={moto_aws}",
            "AWS_REGION": "us-east-1",
        }
        process = subprocess.Popen([sys.executable, "manage.py", "consume_events"], env=environment)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.mark.postgres
def test_a_consumer_killed_in_the_middle_loses_and_doubles_nothing(client, url, consume, monkeypatch):
    client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    sent = [envelope() for _ in range(300)]
    ready = threading.Event()

    def feed():
        for each in sent:
            send(client, url, each)
        ready.set()

    feeding = threading.Thread(target=feed)
    feeding.start()
    first = consume()
    assert wait_until(lambda: ProviderEvent.objects.count() > 30, 90)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert ready.wait(90)
    feeding.join()
    assert ProviderEvent.objects.count() < len(sent), "it was killed too late to show anything"
    for name, handle in unfinished(client, url):
        client.change_message_visibility(QueueUrl=name, ReceiptHandle=handle, VisibilityTimeout=0)
    second = consume()
    assert wait_until(lambda: left_in(client, url) == 0, 90)
    kept = Counter(ProviderEvent.objects.values_list("event_id", flat=True))
    assert kept == Counter(each["id"] for each in sent)
    second.terminate()
    assert second.wait(10) == 0


def unfinished(client, url):
    """Let what the dead consumer held come back now: its visibility runs a minute."""
    from moto.backends import get_backend
    from moto.core import DEFAULT_ACCOUNT_ID

    held = get_backend("sqs")[DEFAULT_ACCOUNT_ID]["us-east-1"].queues["events"]
    return [(url, message.receipt_handle) for message in list(held._messages) if not message.visible]


@pytest.mark.postgres
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_consumer_ends_cleanly_when_asked(client, url, consume, number):
    process = consume()
    send(client, url, envelope())
    assert wait_until(lambda: left_in(client, url) == 0, 90)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert ProviderEvent.objects.count() == 1
