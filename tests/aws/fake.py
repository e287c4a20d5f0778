"""Amazon IVS and MediaConvert on this machine, for adapters' tests and journeys.

    with FakeAws() as fake:
        AWS["endpoints"] = fake.endpoints      # the fixture `fake_aws` of tests.aws.fixtures does all this
        arn = aws_client("ivs").create_channel(name="member-a")["channel"]["arn"]
        fake.ivs.go_live(arn)

Every request and every answer is checked against botocore's own model of the service; an operation the fake does not
know is refused with 501, never guessed.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Self

from tests.aws.ivs import FakeIvs
from tests.aws.mediaconvert import FakeMediaConvert, Runner
from tests.aws.server import FakeServer, Params, status_of


class FakeAws:
    """`emit(envelope)` hears every event EventBridge would deliver; `runner` transcodes (see FakeMediaConvert)."""

    def __init__(
        self, *, emit: Callable[[dict[str, Any]], None] = lambda event: None, runner: Runner | None = None
    ) -> None:
        self.ivs = FakeIvs(emit)
        self.mediaconvert = FakeMediaConvert(emit, runner)
        self.server = FakeServer([self.ivs, self.mediaconvert])
        self.endpoints = dict.fromkeys(("ivs", "mediaconvert"), self.server.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; AssertionError when the fake itself was wrong meanwhile."""
        self.server.close()
        assert not self.server.bugs, self.server.bugs

    def throttle(self, count: int = 1) -> None:
        """Refuse the next `count` calls, whatever they are, with the service's throttling error."""
        self.server.trouble.throttled = count

    def fail(self, operation: str, code: str, *, times: int = 1) -> None:
        """Answer the next `times` calls of an operation with an error class of its service's model."""
        for service in self.server.services.values():
            if any(route.operation.name == operation for route in self.server.routes[service.name]):
                status_of(service.name, code)
                self.server.trouble.faults.setdefault(operation, deque()).extend([code] * times)
                return
        raise KeyError(operation)

    def cut(self, operation: str, *, times: int = 1) -> None:
        """Carry out the next `times` calls of an operation and cut the connection instead of answering."""
        self.server.trouble.cuts[operation] = times

    def calls(self, operation: str) -> list[Params]:
        """Return the parameters of every call of an operation so far."""
        return [call.params for call in self.server.calls if call.operation == operation]
