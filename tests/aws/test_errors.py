"""Which errors of the services we use may pass by themselves. Every error class of their models is decided here."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from common.aws import AwsRefused, calling_aws
from common.errors import ProviderError, ProviderRefused
from tests.aws.model_check import service_model

# What else the service answers with, by its guide, is under "common" or beside the model's own codes: (code, status).
RETRIED = {
    "ivs": {
        "InternalServerException",
        "PendingVerification",
        "ServiceUnavailable",
        "StreamUnavailable",
        "ThrottlingException",
    },
    "mediaconvert": {"InternalServerErrorException", "TooManyRequestsException"},
    "s3": set(),
    "sqs": {"KmsThrottled", "OverLimit", "RequestThrottled"},
    "sesv2": {
        "ConcurrentModificationException",
        "InternalServiceErrorException",
        "TooManyRequestsException",
    },
}
REFUSED = {
    "ivs": {
        "AccessDeniedException",
        "ChannelNotBroadcasting",
        "ConflictException",
        "ResourceNotFoundException",
        "ServiceQuotaExceededException",
        "ValidationException",
    },
    "mediaconvert": {
        "BadRequestException",
        "ConflictException",
        "ForbiddenException",
        "NotFoundException",
        "ServiceQuotaExceededException",
        "UnprocessableEntityException",
    },
    "s3": {
        "AccessDenied",
        "AnnotationLimitExceeded",
        "AnnotationNameTooLong",
        "BucketAlreadyExists",
        "BucketAlreadyOwnedByYou",
        "EncryptionTypeMismatch",
        "IdempotencyParameterMismatch",
        "InvalidAnnotationName",
        "InvalidObjectState",
        "InvalidPrefix",
        "InvalidRequest",
        "InvalidWriteOffset",
        "NoSuchAnnotation",
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchUpload",
        "ObjectAlreadyInActiveTierError",
        "ObjectNotInActiveTierError",
        "TooManyParts",
        "UnsupportedMediaType",
    },
    "sqs": {
        "BatchEntryIdsNotDistinct",
        "BatchRequestTooLong",
        "EmptyBatchRequest",
        "InvalidAddress",
        "InvalidAttributeName",
        "InvalidAttributeValue",
        "InvalidBatchEntryId",
        "InvalidIdFormat",
        "InvalidMessageContents",
        "InvalidSecurity",
        "KmsAccessDenied",
        "KmsDisabled",
        "KmsInvalidKeyUsage",
        "KmsInvalidState",
        "KmsNotFound",
        "KmsOptInRequired",
        "MessageNotInflight",
        "PurgeQueueInProgress",
        "QueueDeletedRecently",
        "QueueDoesNotExist",
        "QueueNameExists",
        "ReceiptHandleIsInvalid",
        "ResourceNotFoundException",
        "TooManyEntriesInBatchRequest",
        "UnsupportedOperation",
    },
    "sesv2": {
        "AccountSuspendedException",
        "AlreadyExistsException",
        "BadRequestException",
        "ConflictException",
        "InvalidNextTokenException",
        "LimitExceededException",
        "MailFromDomainNotVerifiedException",
        "MessageRejected",
        "NotFoundException",
        "SendingPausedException",
    },
}
# Not in the models: S3's error list, the query names SQS still answers with, and every service's common errors.
ALSO_RETRIED = [
    ("SlowDown", 503),
    ("ServiceUnavailable", 503),
    ("InternalError", 500),
    ("RequestTimeout", 400),
    ("OperationAborted", 409),
    ("ConditionalRequestConflict", 409),
    ("Throttling", 400),
    ("ThrottlingException", 400),
    ("RequestLimitExceeded", 400),
    ("KMS.ThrottlingException", 400),
    ("InternalFailure", 500),
    ("ExpiredToken", 400),
    ("ExpiredTokenException", 403),
    ("503", 503),
]
ALSO_REFUSED = [
    ("AccessDenied", 403),
    ("EntityTooSmall", 400),
    ("InvalidPart", 400),
    ("BadDigest", 400),
    ("PreconditionFailed", 412),
    ("404", 404),
    ("AWS.SimpleQueueService.NonExistentQueue", 400),
    ("SignatureDoesNotMatch", 403),
    ("UnrecognizedClientException", 403),
    ("InvalidClientTokenId", 403),
    ("OptInRequired", 403),
    ("LimitExceeded", 400),
]


def outcome(error):
    """Return our error for the library's."""
    with pytest.raises(ProviderError) as ours, calling_aws():
        raise error
    return ours.value


def answered(code, status):
    """Return the library's error for an answer of a service."""
    response = {"Error": {"Code": code, "Message": "text"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "DoSomething")


def cases(table):
    for service, codes in table.items():
        shapes = {
            shape.error_code: shape.metadata.get("error", {}) for shape in service_model(service).error_shapes
        }
        for code in sorted(codes):
            yield pytest.param(code, shapes[code].get("httpStatusCode", 400), id=f"{service}-{code}")


@pytest.mark.parametrize("service", sorted(RETRIED))
def test_every_error_of_the_model_is_decided(service):
    modelled = {shape.error_code for shape in service_model(service).error_shapes}
    assert RETRIED[service] | REFUSED[service] == modelled
    assert not RETRIED[service] & REFUSED[service]


@pytest.mark.parametrize(("code", "status"), [*cases(RETRIED), *ALSO_RETRIED])
def test_what_may_pass_is_an_error(code, status):
    error = outcome(answered(code, status))
    assert not isinstance(error, ProviderRefused)
    assert str(error) == f"DoSomething: {code}"


@pytest.mark.parametrize(("code", "status"), [*cases(REFUSED), *ALSO_REFUSED])
def test_what_will_not_pass_is_a_refusal(code, status):
    error = outcome(answered(code, status))
    assert isinstance(error, AwsRefused)
    assert error.code == code


@pytest.mark.parametrize(
    "code",
    [
        "ResourceNotFoundException",
        "NotFoundException",
        "NoSuchKey",
        "NoSuchUpload",
        "404",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
    ],
)
def test_what_is_not_there_is_told_apart(code):
    assert outcome(answered(code, 404)).not_found


def test_a_conflict_is_told_apart():
    error = outcome(answered("ConflictException", 409))
    assert (error.conflict, error.not_found) == (True, False)
    assert not outcome(answered("ValidationException", 400)).conflict


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://ivs.example"),
        ConnectTimeoutError(endpoint_url="https://ivs.example"),
        ReadTimeoutError(endpoint_url="https://ivs.example"),
        NoCredentialsError(),
    ],
)
def test_a_service_out_of_reach_is_an_error(error):
    assert not isinstance(outcome(error), ProviderRefused)


def test_a_request_that_cannot_be_sent_is_a_refusal_that_tells_no_parameters():
    error = outcome(ParamValidationError(report="Invalid value s3cret"))
    assert isinstance(error, AwsRefused)
    assert "s3cret" not in str(error)
