"""What a page does with the room's socket, in a few lines."""

import json
import time
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from accounts.models import User
from chat.tests.servers import Server

Event = dict[str, Any]


class Browser:
    """Cookies and whose they are; `open` gives one more tab."""

    def __init__(self, server: Server, member: User | None = None) -> None:
        self.server = server
        self.django = Client()
        self.cookies: dict[str, str] = {}
        self.tabs: list[Tab] = []
        if member:
            self.django.force_login(member)
            self.cookies[settings.SESSION_COOKIE_NAME] = self.django.cookies[
                settings.SESSION_COOKIE_NAME
            ].value

    def open(self, code: str, *, origin: str | None = None, sync: bool = True) -> "Tab":
        """Open the room's socket; with `sync`, as a page does, ask for the state and keep it as `tab.state`."""
        address = f"127.0.0.1:{self.server.port}"
        tab = Tab(
            connect(
                f"ws://{address}/ws/rooms/{code}/",
                origin=origin or f"http://{address}",
                additional_headers={
                    "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())
                },
                compression=None,
                legacy=True,
            )
        )
        for cookie in tab.socket.response.headers.get_all("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.tabs.append(tab)
        if sync:
            tab.sync()
        return tab

    def close(self) -> None:
        for tab in self.tabs:
            tab.socket.close()


class Tab:
    """One socket. Events are taken in the order in which they came."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.frames: list[list[Event]] = []
        self._events: list[Event] = []

    def send(self, frame: object) -> None:
        self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def sync(self, after: int | None = None) -> Event:
        self.send({"type": "sync", "after": after})
        self.state = self.next("room.state")
        return self.state

    def say(self, text: str, key: str | None = None) -> str:
        key = key or str(uuid4())
        self.send({"type": "say", "key": key, "text": text})
        return key

    def next(self, kind: str, seconds: float = 10, **fields: object) -> Event:
        """Return the next event of this type with these fields; what comes before it is passed over."""
        deadline = time.monotonic() + seconds
        while True:
            while self._events:
                event = self._events.pop(0)
                if event["type"] == kind and fields.items() <= event.items():
                    return event
            self._read(deadline - time.monotonic())

    def settle(self) -> list[Event]:
        """Return everything that came until the server answered a ping."""
        self.send({"type": "ping"})
        deadline = time.monotonic() + 10
        while not any(event["type"] == "pong" for event in self._events):
            self._read(deadline - time.monotonic())
        events, self._events = self._events, []
        return [event for event in events if event["type"] != "pong"]

    def close_code(self, seconds: float = 10) -> int | None:
        """Return with which code the server closed the socket."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                self._read(deadline - time.monotonic())
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def _read(self, seconds: float) -> None:
        frame = json.loads(self.socket.recv(timeout=max(0, seconds)))
        assert isinstance(frame, list)
        self.frames.append(frame)
        self._events += frame
