"""The HTTP side of a stand-in for a payment provider: who may call, what is repeated, what goes wrong on purpose."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request; header names are lower-case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers.get("idempotency-key", "")


class Refusal(Exception):
    """What the provider answers instead."""

    def __init__(self, status: int, content: Json) -> None:
        super().__init__(f"{status} {content}")
        self.status = status
        self.content = content


Answer = Callable[..., Json]


class FakeProvider:
    """A provider: `routes` name (method, path pattern) and what answers; anything else is 501 and fails the test."""

    def __init__(self) -> None:
        self.routes: list[tuple[str, re.Pattern[str], Answer]] = []
        self.calls: list[Call] = []
        self.bugs: list[str] = []
        """Calls the provider does not have, and failures of the stand-in itself."""
        self.lock = Lock()
        self.released = Event()
        self._kept: dict[str, tuple[str, int, Json]] = {}
        self._trouble: list[tuple[str, str, Any]] = []

    # --- What a test may have go wrong -----------------------------------------------------------------------
    def cut(self, call: str, *, times: int = 1) -> None:
        """Carry out the next calls ("POST /v1/…", a pattern) and drop the connection instead of answering."""
        self._trouble += [("cut", call, None)] * times

    def lose(self, call: str, *, times: int = 1) -> None:
        """Drop the next calls before anything is carried out."""
        self._trouble += [("lose", call, None)] * times

    def hang(self, call: str, *, times: int = 1) -> None:
        """Never answer the next calls, and carry nothing out."""
        self._trouble += [("hang", call, None)] * times

    def fail(self, call: str, refusal: Refusal, *, times: int = 1) -> None:
        """Answer the next calls so."""
        self._trouble += [("fail", call, refusal)] * times

    def forget_keys(self) -> None:
        """Forget every idempotency key, as providers do after a day or some."""
        self._kept.clear()

    def count(self, call: str) -> int:
        """Return how often something was called."""
        return sum(bool(re.fullmatch(call, f"{one.method} {one.path}")) for one in self.calls)

    # --- What a provider says of itself ----------------------------------------------------------------------
    def refused_caller(self, call: Call) -> Refusal | None:
        raise NotImplementedError

    def refused_repeat(self) -> Refusal:
        """What a key that came with another request before is answered with."""
        raise NotImplementedError

    # --- Serving -----------------------------------------------------------------------------------------------
    def answer(self, call: Call) -> tuple[int, Json] | None:
        """Return status and JSON; None cuts the line."""
        kind, what = self._next_trouble(call)
        if kind == "hang":
            self.released.wait(30)
        if kind in ("hang", "lose"):
            return None
        try:
            if kind == "fail":
                raise what
            status, content = self._perform(call)
        except Refusal as refusal:
            status, content = refusal.status, refusal.content
        return None if kind == "cut" else (status, content)

    def _next_trouble(self, call: Call) -> tuple[str, Any]:
        with self.lock:
            self.calls.append(call)
            for place, (kind, pattern, what) in enumerate(self._trouble):
                if re.fullmatch(pattern, f"{call.method} {call.path}"):
                    del self._trouble[place]
                    return kind, what
        return "", None

    def _perform(self, call: Call) -> tuple[int, Json]:
        if refusal := self.refused_caller(call):
            raise refusal
        for method, pattern, perform in self.routes:
            found = pattern.fullmatch(call.path) if method == call.method else None
            if found:
                with self.lock:
                    return self._once(call, lambda: perform(call, **found.groupdict()))  # noqa: B023 called at once
        self.bugs.append(f"{call.method} {call.path} is not known")
        raise Refusal(501, {"error": "the stand-in does not know this call"})

    def _once(self, call: Call, perform: Callable[[], Json]) -> tuple[int, Json]:
        """Answer the same key with what it was answered before, refusals too."""
        if call.method != "POST" or not call.key:
            return 200, perform()
        asked = f"{call.path} {call.body!r}"
        if kept := self._kept.get(call.key):
            if kept[0] != asked:
                raise self.refused_repeat()
            return kept[1], kept[2]
        try:
            status, content = 200, perform()
        except Refusal as refusal:
            status, content = refusal.status, refusal.content
        self._kept[call.key] = (asked, status, json.loads(json.dumps(content)))
        return status, content


@contextmanager
def serving(provider: FakeProvider) -> Iterator[str]:
    """Serve a provider on a free loopback port; yields its address. AssertionError if it was called wrongly."""
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        provider.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
    assert not provider.bugs, provider.bugs


class _Handler(BaseHTTPRequestHandler):
    provider: FakeProvider
    protocol_version = "HTTP/1.1"

    def serve(self) -> None:
        address = urlsplit(self.path)
        call = Call(
            method=self.command,
            path=address.path,
            query=address.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        try:
            answered = self.provider.answer(call)
        except Exception as error:
            self.provider.bugs.append(f"{call.method} {call.path}: {error!r}")
            raise
        if answered is None:
            self.close_connection = True
            return
        status, content = answered
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = do_PUT = serve  # noqa: N815 the base class's names

    def log_message(self, *args: object) -> None:
        pass
