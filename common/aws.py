"""Amazon's services: region, addresses, timeouts and retries in one place, and what their errors mean to us."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from django.conf import settings
from django.core.signals import setting_changed

from common.errors import ProviderError, ProviderRefused

CONNECT_SECONDS = 3
READ_SECONDS = 10
TRIES = 3
"""In all, with botocore's growing pauses; whoever calls from a task tries again later on top of that."""


@cache
def aws_client(service: str, read_seconds: int = READ_SECONDS, tries: int = TRIES) -> Any:  # noqa: ANN401 boto3 makes classes at run time
    """Return the process's client of an AWS service; clients are safe to share between threads.

    `tries` is 1 for calls that must not be sent twice when only their answer was lost.
    """
    endpoint = settings.AWS["endpoints"].get(service)
    return boto3.session.Session().client(
        service,
        region_name=settings.AWS["region"],
        endpoint_url=endpoint,
        config=Config(
            # the old version signs POST policies otherwise
            signature_version="s3v4" if service == "s3" else None,
            s3={
                "addressing_style": "path" if endpoint else "virtual",
                # otherwise us-east-1 is signed for an address without its region, unlike every other region
                "us_east_1_regional_endpoint": "regional",
            },
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"total_max_attempts": tries, "mode": "standard"},
        ),
    )


def forget_clients(*, setting: str, **kwargs: object) -> None:
    if setting == "AWS":
        aws_client.cache_clear()


setting_changed.connect(forget_clients)

# Errors that pass by themselves, by the services' models and guides; anything else the service says of our request
# is a refusal. A code that ends in one of botocore's own throttling names is caught by status 429 and 503 too.
PASSING = {
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "RequestThrottled",
    "RequestLimitExceeded",
    "SlowDown",
    "PendingVerification",
    "InternalServerException",
    "InternalServerErrorException",
    "InternalError",
    "InternalFailure",
    "InternalServiceErrorException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestTimeout",
    "OperationAborted",
    "ConditionalRequestConflict",
    "KmsThrottled",
    "KMS.ThrottlingException",
    "OverLimit",
    "ExpiredToken",
    "ExpiredTokenException",
}
NOT_FOUND = {
    "ResourceNotFoundException",
    "NotFoundException",
    "NotFound",
    "404",
    "NoSuchKey",
    "NoSuchUpload",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
}
CONFLICT = {"ConflictException"}


class AwsRefused(ProviderRefused):
    """The service refused; `code` is its error code. The message carries neither parameters nor keys."""

    def __init__(self, operation: str, code: str, text: str) -> None:
        super().__init__(f"{operation}: {code}: {text[:200]}")
        self.code = code

    @property
    def not_found(self) -> bool:
        return self.code in NOT_FOUND

    @property
    def conflict(self) -> bool:
        return self.code in CONFLICT


@contextmanager
def calling_aws() -> Iterator[None]:
    """Turn the library's errors into ours: ProviderError when trying again may help, AwsRefused when not."""
    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        code, text = str(details.get("Code", "")), str(details.get("Message", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in PASSING or status == 429 or status >= 500:
            raise ProviderError(f"{error.operation_name}: {code or status}") from error
        raise AwsRefused(error.operation_name, code, text) from error
    except ParamValidationError:
        # A mistake of ours. Its text and its cause show the parameters.
        raise AwsRefused("request", "ParamValidationError", "does not fit the service's model") from None
    except BotoCoreError as error:
        raise ProviderError(f"{type(error).__name__}") from error
