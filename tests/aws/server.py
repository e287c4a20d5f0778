"""The HTTP side of a fake service: finds the operation, checks the request against the model, checks its answer too."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from botocore.model import OperationModel

from tests.aws import wire
from tests.aws.model_check import answer_problems, request_problems, service_model

Params = dict[str, Any]
SIGNED_FOR = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")


class ServiceFault(Exception):
    """An error the service answers with: a code of its own model and a text."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class FakeService:
    """One service: its model's name, what it calls invalid requests and throttling, and a method per operation.

    The method for "CreateChannel" is `create_channel(params) -> answer`. Operations without one answer 501.
    """

    name: str
    invalid_code: str
    throttled_code: str

    def __init__(self, emit: Callable[[Params], None]) -> None:
        self.emit = emit
        self.lock = Lock()
        """Held around every operation: an operation sees and leaves whole states."""
        self.untold: deque[Params] = deque()

    def tell(self, event: Params) -> None:
        """Have an event heard once the lock is free again (whoever hears it may call the service)."""
        self.untold.append(event)

    @contextmanager
    def operating(self) -> Iterator[None]:
        """Hold the lock, then let the events be heard."""
        with self.lock:
            yield
        while self.untold:
            self.emit(self.untold.popleft())

    def method_for(self, operation: str) -> Callable[[Params], Params | None] | None:
        return getattr(self, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower(), None)


@dataclass
class Trouble:
    """What is to go wrong next: per operation, first in, first out."""

    faults: dict[str, deque[str]] = field(default_factory=dict)
    cuts: dict[str, int] = field(default_factory=dict)
    throttled: int = 0


@dataclass(frozen=True)
class Call:
    """A request the service understood."""

    service: str
    operation: str
    params: Params


class FakeServer:
    """Serves fake services on a free loopback port until `close`."""

    def __init__(self, services: list[FakeService]) -> None:
        self.services = {service.name: service for service in services}
        self.routes = {name: wire.routes(name) for name in self.services}
        self.trouble = Trouble()
        self.calls: list[Call] = []
        self.bugs: list[str] = []
        """Answers of the fake itself that break the service's model, and operations it failed at."""
        handler = type("Handler", (_Handler,), {"fake": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def answer(
        self, service: str, method: str, target: str, body: bytes
    ) -> tuple[int, dict[str, Any] | None, str]:
        """Return status, JSON (None: cut the connection) and error code of one request."""
        address = urlsplit(target)
        for route in self.routes[service]:
            found = route.path.fullmatch(address.path) if route.method == method else None
            if found:
                return self._call(service, route.operation, found.groupdict(), address.query, body)
        return _error(404, "UnknownOperationException", f"{method} {address.path}")

    def _call(
        self, name: str, operation: OperationModel, labels: dict[str, str], query: str, body: bytes
    ) -> tuple[int, dict[str, Any] | None, str]:
        service = self.services[name]
        perform = service.method_for(operation.name)
        if perform is None:
            return _error(501, "NotImplemented", f"the fake does not know {name}.{operation.name}")
        try:
            params = wire.read_params(operation, labels, query, body)
        except ValueError as error:
            return _error(400, service.invalid_code, str(error))
        if found := request_problems(name, operation.name, params):
            return _error(400, service.invalid_code, "; ".join(found))
        try:
            with service.operating():
                self.calls.append(Call(name, operation.name, params))
                self._make_trouble(service, operation.name)
                given = perform(params) or {}
                cut = self._cuts(operation.name)
        except ServiceFault as fault:
            return _error(status_of(name, fault.code), fault.code, fault.text)
        if found := answer_problems(name, operation.name, given):
            self.bugs += found
            return _error(500, "FakeIsWrong", "; ".join(found))
        shape = operation.output_shape
        return (
            operation.http.get("responseCode", 200),
            None if cut else wire.to_json(shape, given) if shape else {},
            "",
        )

    def _make_trouble(self, service: FakeService, operation: str) -> None:
        if self.trouble.throttled:
            self.trouble.throttled -= 1
            raise ServiceFault(service.throttled_code, "Rate exceeded")
        if waiting := self.trouble.faults.get(operation):
            raise ServiceFault(waiting.popleft(), "as the test asked")

    def _cuts(self, operation: str) -> bool:
        left = self.trouble.cuts.get(operation, 0)
        self.trouble.cuts[operation] = max(0, left - 1)
        return left > 0


def status_of(service: str, code: str) -> int:
    """Return the HTTP status of an error by the service's model; KeyError for one it does not have."""
    statuses = {
        shape.error_code: shape.metadata["error"]["httpStatusCode"]
        for shape in service_model(service).error_shapes
    }
    return statuses[code]


def _error(status: int, code: str, text: str) -> tuple[int, dict[str, Any], str]:
    return status, {"message": text}, code


class _Handler(BaseHTTPRequestHandler):
    fake: FakeServer
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        signed = SIGNED_FOR.match(self.headers.get("Authorization", ""))
        if not signed or signed.group(1) not in self.fake.services:
            status, given, code = _error(
                403, "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        else:
            try:
                status, given, code = self.fake.answer(signed.group(1), self.command, self.path, body)
            except Exception as error:
                self.fake.bugs.append(f"{self.command} {self.path}: {error!r}")
                raise
        if given is None:
            self.close_connection = True
            return
        text = b"" if status == 204 else json.dumps(given).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if code:
            self.send_header("x-amzn-ErrorType", code)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 the base class's names

    def log_message(self, *args: object) -> None:
        pass
