"""The fake is strict, and what it remembers follows the services' rules."""

from threading import Event

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

from tests.aws.fake import FakeAws
from tests.aws.model_check import request_problems
from tests.aws.names import arn

SETTINGS = {"Inputs": [{"FileInput": "s3://uploads/a"}], "OutputGroups": []}
JOB = {"Role": "arn:aws:iam::111122223333:role/MediaConvert", "Settings": SETTINGS}
NOBODY = arn("ivs", "channel/nobody")


@pytest.fixture
def events():
    return []


@pytest.fixture
def fake(events):
    with FakeAws(emit=events.append) as fake:
        yield fake


def client(fake, service, **config):
    return boto3.client(
        service,
        endpoint_url=fake.server.url,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
        config=Config(**{"retries": {"total_max_attempts": 1}} | config),
    )


@pytest.fixture
def ivs(fake):
    return client(fake, "ivs")


@pytest.fixture
def mediaconvert(fake):
    return client(fake, "mediaconvert")


def refusal(call, **params):
    """Return the error code and status with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        call(**params)
    return refused.value.response["Error"]["Code"], refused.value.response["ResponseMetadata"][
        "HTTPStatusCode"
    ]


# --- Strictness ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("service", "operation", "params", "said"),
    [
        ("ivs", "CreateChannel", {"type": "FANCY"}, "none of"),
        ("ivs", "CreateChannel", {"name": "two words"}, "does not match"),
        ("ivs", "CreateChannel", {"name": "n" * 129}, "not in"),
        ("ivs", "CreateChannel", {"authorized": "yes"}, "no boolean"),
        ("ivs", "CreateChannel", {"colour": "red"}, "unknown"),
        ("ivs", "GetChannel", {}, "missing"),
        ("ivs", "ListChannels", {"maxResults": 101}, "not in"),
        ("ivs", "ListChannels", {"maxResults": True}, "no integer"),
        ("ivs", "BatchGetChannel", {"arns": []}, "not in"),
        ("ivs", "CreateStreamKey", {"channelArn": NOBODY, "tags": {"a": "x" * 257}}, "not in"),
        ("mediaconvert", "CreateJob", {"Settings": {}}, "Role is missing"),
        ("mediaconvert", "CreateJob", JOB | {"StatusUpdateInterval": "SECONDS_1"}, "none of"),
        ("mediaconvert", "CreateJob", JOB | {"Priority": 51}, "not in"),
        ("mediaconvert", "CreateJob", JOB | {"Settings": {"Inputs": [{"Nonsense": 1}]}}, "unknown"),
    ],
)
def test_the_model_check_sees_what_is_wrong(service, operation, params, said):
    (problem,) = request_problems(service, operation, params)
    assert said in problem


def test_the_model_check_lets_good_requests_pass():
    assert request_problems("mediaconvert", "CreateJob", JOB) == []
    assert request_problems("ivs", "CreateChannel", {"name": "member-7", "tags": {"회원": "a b"}}) == []


def test_the_server_refuses_what_botocore_lets_through(ivs, mediaconvert):
    assert refusal(ivs.create_channel, type="FANCY") == ("ValidationException", 400)
    bad = JOB | {"StatusUpdateInterval": "SECONDS_1"}
    assert refusal(mediaconvert.create_job, **bad) == ("BadRequestException", 400)


def test_an_operation_the_fake_does_not_know_is_not_guessed(ivs):
    assert refusal(ivs.list_recording_configurations)[1] == 501


def test_a_request_without_a_signature_is_refused(fake):
    unsigned = client(fake, "ivs", signature_version=UNSIGNED)
    assert refusal(unsigned.list_channels) == ("MissingAuthenticationTokenException", 403)


def test_a_fake_that_answers_nonsense_says_so(events):
    fake = FakeAws()
    made = client(fake, "ivs").create_channel(name="a")["channel"]
    fake.ivs.channels[made["arn"]]["type"] = "FANCY"
    assert refusal(client(fake, "ivs").get_channel, arn=made["arn"])[1] == 500
    with pytest.raises(AssertionError, match="FANCY"):
        fake.close()


# --- Trouble ------------------------------------------------------------------------------------------------
def test_throttling_hits_the_next_calls_and_passes(fake, ivs, mediaconvert):
    fake.throttle(2)
    assert refusal(ivs.list_channels) == ("ThrottlingException", 429)
    assert refusal(mediaconvert.create_job, **JOB) == ("TooManyRequestsException", 429)
    assert ivs.list_channels()["channels"] == []


def test_any_error_of_the_model_can_be_asked_for_and_no_other(fake, ivs):
    fake.fail("CreateChannel", "PendingVerification")
    assert refusal(ivs.create_channel, name="a") == ("PendingVerification", 403)
    assert fake.ivs.channels == {}
    with pytest.raises(KeyError):
        fake.fail("CreateChannel", "NoSuchError")
    with pytest.raises(KeyError):
        fake.fail("CreateNothing", "ConflictException")


def test_a_cut_call_took_effect_all_the_same(fake, ivs):
    fake.cut("CreateChannel")
    with pytest.raises(HTTPClientError):
        ivs.create_channel(name="a")
    assert [channel["name"] for channel in ivs.list_channels()["channels"]] == ["a"]
    assert fake.calls("CreateChannel") == [{"name": "a"}]


# --- IVS ----------------------------------------------------------------------------------------------------
def test_channels_are_found_by_name_page_by_page(ivs):
    made = [ivs.create_channel(name=name)["channel"]["arn"] for name in ("a", "b", "a")]
    assert [row["arn"] for row in ivs.list_channels(filterByName="a")["channels"]] == [made[0], made[2]]
    pages = ivs.get_paginator("list_channels").paginate(PaginationConfig={"PageSize": 2})
    assert [row["arn"] for part in pages for row in part["channels"]] == made
    found = ivs.batch_get_channel(arns=[made[1], NOBODY])
    assert ([row["arn"] for row in found["channels"]], len(found["errors"])) == ([made[1]], 1)


def test_a_channel_has_one_key(ivs):
    made = ivs.create_channel(name="a")
    channel, key = made["channel"]["arn"], made["streamKey"]
    assert refusal(ivs.create_stream_key, channelArn=channel) == ("ServiceQuotaExceededException", 402)
    (summary,) = ivs.list_stream_keys(channelArn=channel)["streamKeys"]
    assert summary["arn"] == key["arn"]
    assert "value" not in summary
    ivs.delete_stream_key(arn=key["arn"])
    assert refusal(ivs.get_stream_key, arn=key["arn"]) == ("ResourceNotFoundException", 404)
    fresh = ivs.create_stream_key(channelArn=channel)["streamKey"]
    assert ivs.get_stream_key(arn=fresh["arn"])["streamKey"]["value"] == fresh["value"] != key["value"]


def test_a_live_channel_cannot_be_deleted(fake, ivs, events):
    channel = ivs.create_channel(name="a")["channel"]["arn"]
    stream_id = fake.ivs.go_live(channel, viewers=-1)
    assert refusal(ivs.delete_channel, arn=channel) == ("ConflictException", 409)
    (row,) = ivs.list_streams()["streams"]
    assert (row["streamId"], row["viewerCount"], row["startTime"].tzinfo is not None) == (stream_id, -1, True)
    assert ivs.get_stream(channelArn=channel)["stream"]["state"] == "LIVE"
    ivs.put_metadata(channelArn=channel, metadata="pinned:1")
    assert refusal(ivs.put_metadata, channelArn=channel, metadata="가" * 400)[0] == "ValidationException"
    ivs.stop_stream(channelArn=channel)
    assert refusal(ivs.get_stream, channelArn=channel) == ("ChannelNotBroadcasting", 404)
    assert refusal(ivs.stop_stream, channelArn=channel) == ("ChannelNotBroadcasting", 404)
    ivs.delete_channel(arn=channel)
    assert refusal(ivs.get_channel, arn=channel) == ("ResourceNotFoundException", 404)
    assert [event["detail"]["event_name"] for event in events] == ["Stream Start", "Stream End"]
    assert {event["resources"][0] for event in events} == {channel}


def test_a_playback_key_is_imported_once(ivs):
    pem = "-----BEGIN PUBLIC KEY-----\nMHYw\n-----END PUBLIC KEY-----\n"
    key = ivs.import_playback_key_pair(publicKeyMaterial=pem, name="site")["keyPair"]
    assert ivs.get_playback_key_pair(arn=key["arn"])["keyPair"]["fingerprint"] == key["fingerprint"]
    assert refusal(ivs.import_playback_key_pair, publicKeyMaterial=pem)[0] == "ConflictException"


# --- MediaConvert -------------------------------------------------------------------------------------------
def test_a_token_is_one_job_for_a_minute(fake, mediaconvert):
    first = mediaconvert.create_job(**JOB, ClientRequestToken="t")["Job"]["Id"]
    assert mediaconvert.create_job(**JOB, ClientRequestToken="t")["Job"]["Id"] == first
    fake.mediaconvert.forget_tokens()
    second = mediaconvert.create_job(**JOB, ClientRequestToken="t")["Job"]["Id"]
    assert second != first
    assert [job["Id"] for job in mediaconvert.list_jobs(Order="ASCENDING")["Jobs"]] == [first, second]


def test_a_job_goes_from_submitted_to_complete(fake, mediaconvert, events):
    made = mediaconvert.create_job(**JOB, UserMetadata={"attempt": "7"}, Tags={"app": "x"})["Job"]
    assert made["Status"] == "SUBMITTED"
    fake.mediaconvert.progress(made["Id"], 0)
    fake.mediaconvert.progress(made["Id"], 40)
    job = mediaconvert.get_job(Id=made["Id"])["Job"]
    assert (job["Status"], job["JobPercentComplete"]) == ("PROGRESSING", 40)
    size = {"widthInPx": 320, "heightInPx": 180}
    files = {"outputFilePaths": ["s3://m/v.m3u8"], "durationInMs": 2000, "videoDetails": size}
    captions = {"outputFilePaths": ["s3://m/ko.m3u8"], "durationInMs": 0}
    fake.mediaconvert.complete(made["Id"], [{"type": "HLS_GROUP", "outputDetails": [files, captions]}])
    job = mediaconvert.get_job(Id=made["Id"])["Job"]
    assert job["Status"] == "COMPLETE"
    assert job["OutputGroupDetails"][0]["OutputDetails"][0]["DurationInMs"] == 2000
    assert refusal(mediaconvert.cancel_job, Id=made["Id"]) == ("ConflictException", 409)
    assert [event["detail"]["status"] for event in events] == ["PROGRESSING", "STATUS_UPDATE", "COMPLETE"]
    assert {event["detail"]["userMetadata"]["attempt"] for event in events} == {"7"}


def test_a_job_can_fail_and_be_cancelled(fake, mediaconvert, events):
    failed, cancelled = (mediaconvert.create_job(**JOB)["Job"]["Id"] for _ in range(2))
    fake.mediaconvert.fail(failed, 1040, "cannot decode")
    assert mediaconvert.get_job(Id=failed)["Job"]["ErrorCode"] == 1040
    mediaconvert.cancel_job(Id=cancelled)
    assert [event["detail"]["status"] for event in events] == ["ERROR", "CANCELED"]
    assert refusal(mediaconvert.get_job, Id="1-nobody") == ("NotFoundException", 404)


def test_who_hears_an_event_may_call_the_service():
    heard = []
    with FakeAws(emit=lambda event: heard.append(ivs.list_streams()["streams"])) as fake:
        ivs = client(fake, "ivs")
        channel = ivs.create_channel(name="a")["channel"]["arn"]
        fake.ivs.go_live(channel)
        ivs.stop_stream(channelArn=channel)
    assert [len(streams) for streams in heard] == [1, 0]


def test_a_runner_gets_every_new_job():
    def run(service, job):
        service.progress(job["Id"], 0)
        service.complete(job["Id"], [])
        done.set()

    done = Event()
    with FakeAws(runner=run) as fake:
        mediaconvert = client(fake, "mediaconvert")
        number = mediaconvert.create_job(**JOB)["Job"]["Id"]
        assert done.wait(5)
        assert mediaconvert.get_job(Id=number)["Job"]["Status"] == "COMPLETE"
