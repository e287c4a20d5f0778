"""All of Amazon that the product uses, on this machine: what a site's environment needs to run against it.

moto keeps S3, SQS and SES; a front holds browsers to their grants; IVS and MediaConvert are our strict fakes, whose
MediaConvert really transcodes; a CDN asks for signed cookies. Events go where EventBridge's rule would put them: into
the queue that `manage.py consume_events` reads.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.ses import ses_backends

from tests.aws.cdn import cdn
from tests.aws.fake import FakeAws
from tests.aws.mediaconvert import FakeMediaConvert
from tests.aws.names import REGION
from tests.aws.rendering import render
from tests.aws.server import Params
from tests.aws.storage import serving_storage

UPLOADS, MEDIA, RECORDINGS = "example-uploads", "example-media", "example-recordings"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
KEY_PAIR_ID = "K2JCJMDEHXQW5F"
UNREADABLE_INPUT = 1040
INPUT_SECONDS = 0.3


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """`environment` is for the site; the rest are handles for tests."""

    environment: dict[str, str]
    fake: FakeAws
    s3: Any
    sqs: Any
    queue_url: str

    def mails_to(self, address: str) -> int:
        """How many mails SES was given for an address."""
        sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        return sum(address in str(vars(message)) for message in sent)

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Every key in a bucket (up to 1,000)."""
        return [
            found["Key"]
            for found in self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        ]


@contextmanager
def cloud(site_url: str) -> Iterator[Cloud]:
    """Run everything for a site at `site_url` while the block runs."""
    with ExitStack() as running:
        storage = running.enter_context(serving_storage(site_url))
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        running.callback(moto.stop)
        host, port = moto.get_host_and_port()
        address = f"http://{host}:{port}"
        s3, sqs = _client("s3", storage), _client("sqs", address)
        for bucket in (UPLOADS, MEDIA, RECORDINGS):
            s3.create_bucket(Bucket=bucket)
        queue_url = sqs.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]

        def emit(envelope: dict[str, Any]) -> None:
            sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps(envelope))

        fake = running.enter_context(FakeAws(emit=emit, runner=lambda ours, job: _run(s3, ours, job)))
        signer = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        base = running.enter_context(
            cdn(s3, MEDIA, origin=site_url, key_id=KEY_PAIR_ID, key=signer.public_key())
        )
        endpoints = fake.endpoints | {"s3": storage, "sqs": address, "sesv2": address}
        environment = CREDENTIALS | {
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": REGION,
            "AWS_ENDPOINTS": ",".join(f"{service}={url}" for service, url in endpoints.items()),
            "MEDIA_STORAGE": "s3",
            "MEDIA_BASE_URL": base,
            "S3_MEDIA_BUCKET": MEDIA,
            "S3_UPLOADS_BUCKET": UPLOADS,
            "S3_UPLOADS_ORIGIN": storage,
            "TRANSCODING_PROVIDER": "mediaconvert",
            "MEDIACONVERT_ROLE_ARN": "arn:aws:iam::111122223333:role/mediaconvert",
            "PLAYBACK_COOKIE_PROVIDER": "cloudfront",
            "CLOUDFRONT_KEY_PAIR_ID": KEY_PAIR_ID,
            "CLOUDFRONT_PRIVATE_KEY": _pem(signer),
            "SQS_EVENTS_QUEUE_URL": queue_url,
            "STREAMING_PROVIDER": "ivs",
            "IVS_RECORDING_CONFIGURATION_ARN": (
                f"arn:aws:ivs:{REGION}:111122223333:recording-configuration/AbCdEfGhIjKl"
            ),
            "IVS_RECORDINGS_BUCKET": RECORDINGS,
            "IVS_RECORDINGS_BASE_URL": base,
            "IVS_PLAYBACK_PRIVATE_KEY": _pem(ec.generate_private_key(ec.SECP384R1())),
            "EMAIL_BACKEND": "anymail.backends.amazon_ses.EmailBackend",
            "DEFAULT_FROM_EMAIL": "no-reply@shop.example",
        }
        _client("sesv2", address).create_email_identity(EmailIdentity="no-reply@shop.example")
        yield Cloud(environment=environment, fake=fake, s3=s3, sqs=sqs, queue_url=queue_url)


def _client(service: str, address: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(s3={"addressing_style": "path"}, signature_version="s3v4" if service == "s3" else None),
    )


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _run(s3: Any, fake: FakeMediaConvert, job: Params) -> None:
    """Be the transcoder: tell of progress, make what the settings ask for, tell how it ended."""
    time.sleep(INPUT_SECONDS)
    for percent in (5, 40):
        fake.progress(job["Id"], percent)
    try:
        made = render(s3, job["Settings"])
    except subprocess.CalledProcessError:
        fake.fail(job["Id"], UNREADABLE_INPUT, "the input could not be read")
        return
    fake.progress(job["Id"], 95)
    fake.complete(job["Id"], made)
