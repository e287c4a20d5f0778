"""Fixtures of every test that speaks to Amazon's services."""

from collections.abc import Iterator

import httpx
import pytest
from moto.server import ThreadedMotoServer

from tests.aws.fake import FakeAws
from tests.aws.names import REGION


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give boto3 keys that open nothing, and no profile or instance role to look for."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture
def fake_aws(settings, aws_credentials) -> Iterator[FakeAws]:
    """IVS and MediaConvert on this machine; `common.aws.aws_client` reaches them."""
    with FakeAws() as fake:
        settings.AWS = {"region": REGION, "endpoints": fake.endpoints}
        yield fake


@pytest.fixture
def moto_aws(settings, aws_credentials) -> Iterator[str]:
    """What moto does well (S3, SQS, EventBridge, SES) on this machine, empty; yields its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    settings.AWS = {"region": REGION, "endpoints": dict.fromkeys(("s3", "sqs", "events", "sesv2"), address)}
    reset_moto(address)
    yield address
    server.stop()


def reset_moto(address: str) -> None:
    """Empty moto's state: it belongs to the process, not to the server."""
    httpx.post(f"{address}/moto-api/reset", timeout=10).raise_for_status()
