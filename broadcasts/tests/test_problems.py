import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from broadcasts import provider_events
from broadcasts.ingest import health, refusals
from broadcasts.models import Channel
from broadcasts.problems import FADES_AFTER, WORDS, standing_problems
from tests.makers import make_broadcast, make_member

SAMPLES = Path(__file__).parent / "events"


def constants(module):
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


def test_whatever_the_ingest_can_find_wrong_has_words_for_the_seller():
    told = (constants(refusals) - {refusals.BAD_KEY}) | constants(health)
    assert told
    assert told <= set(WORDS)


@pytest.mark.parametrize(
    ("code", "age", "on", "codes"),
    [
        ("starvation", timedelta(hours=1), True, ["starvation"]),
        ("starvation", timedelta(0), False, []),
        ("bitrate_high", FADES_AFTER / 2, True, ["bitrate_high"]),
        ("bitrate_high", FADES_AFTER * 2, True, []),
        ("a code of tomorrow", timedelta(0), True, []),
    ],
)
def test_problems_stand_until_taken_back_or_faded(code, age, on, codes):
    news = {code: {"on": on, "at": (timezone.now() - age).isoformat()}}
    assert [problem.code for problem in standing_problems(news)] == codes


def test_no_news_is_good_news():
    assert standing_problems({}) == []


def told(channel, sample, handler, **detail):
    """What the seller reads after a sample envelope about the channel, changed as given, arrives now."""
    envelope = json.loads((SAMPLES / f"{sample}.json").read_text())
    envelope["time"] = timezone.now().isoformat()
    envelope["resources"] = [channel.provider_ref] if envelope["resources"] else []
    envelope["detail"] |= detail
    handler(envelope)
    return [problem.code for problem in Channel.objects.get(pk=channel.pk).problems]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sample", "detail", "codes"),
    [
        ("ivs-starvation-start", {}, ["starvation"]),
        ("ivs-starvation-end", {}, []),
        ("ivs-limit-breach", {}, ["bitrate_high"]),
        ("ivs-limit-breach", {"limit_name": "Ingest Resolution"}, ["resolution_high"]),
        ("ivs-limit-breach", {"limit_name": "A limit of tomorrow"}, []),
        ("ivs-stream-failure", {}, ["unavailable"]),
        ("ivs-stream-failure", {"reason": "Something else."}, ["stream_failed"]),
        ("ivs-stream-failure", {"reason": "", "code": "no_video"}, ["no_video"]),
        ("ivs-session-ended", {}, []),
        ("ivs-session-ended", {"code": "MultitrackInputNotAllowed"}, ["multitrack_refused"]),
        (
            "ivs-stream-takeover",
            {"event_name": "Stream Takeover Failure", "code": "StreamTakeoverMediaMismatch"},
            ["takeover_failed"],
        ),
        ("ivs-stream-takeover", {}, []),
        ("ivs-stream-start", {"event_name": "Session Created"}, []),
    ],
)
def test_what_the_provider_reports_is_told_in_words(sample, detail, codes):
    handlers = {
        "starvation": provider_events.on_stream_health,
        "limit": provider_events.on_limit_breach,
        "stream": provider_events.on_stream_state,
        "session": provider_events.on_stream_state,
    }
    assert told(make_member().channel, sample, handlers[sample.split("-")[1]], **detail) == codes


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limit", "status", "codes"),
    [
        ("Concurrent Viewers", "live", ["too_many_viewers"]),
        ("Concurrent Viewers", "ended", []),
        ("Concurrent Broadcasts", "starting", ["too_many_broadcasts"]),
        ("Concurrent Broadcasts", "live", []),
        ("A limit of tomorrow", "live", []),
    ],
)
def test_limits_of_the_account_are_told_to_the_shows_that_feel_them(limit, status, codes):
    seller = make_member()
    make_broadcast(seller, status=status)
    handler = provider_events.on_limit_breach
    assert told(seller.channel, "ivs-limit-breach-no-channel", handler, limit_name=limit) == codes


def test_every_code_has_words():
    told = {code for code, _ in provider_events.ACCOUNT_LIMITS.values()}
    told |= {*provider_events.LIMIT_PROBLEMS.values(), *provider_events.CODE_PROBLEMS.values()}
    assert told <= set(WORDS)


@pytest.mark.django_db
def test_a_recording_that_starts_names_only_its_stream():
    channel = make_member().channel
    envelope = json.loads((SAMPLES / "ivs-recording-start.json").read_text())
    envelope["resources"] = [channel.provider_ref]
    detail = envelope["detail"]
    detail |= {"recording_s3_bucket_name": "local", "recording_s3_key_prefix": "recordings/p/s"}
    del detail["recording_session_stream_ids"]
    provider_events.on_recording_state(envelope)
    assert channel.recordings.get().stream_ids == [detail["stream_id"]]
