import json
import socket
import threading
import time
from dataclasses import dataclass
from typing import ClassVar

import pytest
import redis
import uvicorn
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import transaction
from django.test import Client
from websockets.sync.client import connect

from accounts import member_socket
from accounts.member_socket import MOST_SOCKETS, MemberConsumer
from common.member_news import tell_member_on_commit
from livecommerce.asgi import application
from tests.makers import make_member

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, kw_only=True)
class News:
    type: ClassVar[str] = "test.news"
    number: int


tell = sync_to_async(tell_member_on_commit)


def sign_in(**fields):
    """Return a member and the browser they signed in with."""
    member, browser = make_member(**fields), Client()
    browser.force_login(member)
    return member, browser


def cookie_of(browser):
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def page(browser=None, origin="http://localhost"):
    headers = [(b"origin", origin.encode()), (b"host", b"localhost")]
    if browser:
        headers.append((b"cookie", cookie_of(browser).encode()))
    return WebsocketCommunicator(application, "/ws/me/", headers)


async def joined(browser):
    """Open a page's socket and return it when it hears news."""
    tab = page(browser)
    assert (await tab.connect(timeout=5))[0]
    assert await hear(tab) == {"type": "member.joined"}
    return tab


async def hear(tab, alive=False):
    """Return the next frame; signs of life are passed over unless asked for."""
    while True:
        frame = json.loads(await tab.receive_from(timeout=5))
        if alive or frame != {"type": "member.alive"}:
            return frame


async def close_code(tab):
    closed = await tab.receive_output(timeout=5)
    assert closed["type"] == "websocket.close"
    return closed["code"]


async def test_every_page_of_the_member_hears_news_and_nobody_else():
    member, browser = await sync_to_async(sign_in)()
    _, elses = await sync_to_async(sign_in)()
    tabs = [await joined(browser), await joined(browser)]
    stranger = await joined(elses)
    await tell(member.pk, News(number=1))
    for tab in tabs:
        assert await hear(tab) == {"type": "test.news", "number": 1}
    assert await hear(stranger, alive=True) == {"type": "member.alive"}
    for tab in (*tabs, stranger):
        await tab.disconnect()
    assert MemberConsumer.open_sockets == {}


async def test_nothing_is_told_before_the_commit_or_after_a_rollback():
    member, browser = await sync_to_async(sign_in)()
    tab = await joined(browser)

    def roll_back():
        with transaction.atomic():
            tell_member_on_commit(member.pk, News(number=1))
            transaction.set_rollback(True)

    await sync_to_async(roll_back)()
    await tell(member.pk, News(number=2))
    assert (await hear(tab))["number"] == 2
    await tab.disconnect()


async def test_a_guest_is_told_to_sign_in():
    tab = page()
    assert (await tab.connect(timeout=5))[0]
    assert await close_code(tab) == 4401
    assert MemberConsumer.open_sockets == {}


async def test_another_sites_page_is_not_let_in():
    _, browser = await sync_to_async(sign_in)()
    tab = page(browser, origin="https://evil.example")
    assert not (await tab.connect(timeout=5))[0]


async def test_what_a_page_sends_is_ignored():
    member, browser = await sync_to_async(sign_in)()
    tab = await joined(browser)
    await tab.send_to("{not json")
    await tab.send_to(bytes_data=b"\x00" * 100)
    await tab.send_json_to({"type": "member.news", "text": "{}"})
    await tell(member.pk, News(number=1))
    assert (await hear(tab))["number"] == 1
    await tab.disconnect()


async def test_a_member_has_a_limited_number_of_sockets():
    _, browser = await sync_to_async(sign_in)()
    tabs = [page(browser) for _ in range(MOST_SOCKETS + 1)]
    for tab in tabs:
        assert (await tab.connect(timeout=5))[0]
    assert await close_code(tabs[-1]) == 4029
    await tabs[0].disconnect()
    again = await joined(browser)
    for tab in (*tabs[1:-1], again):
        await tab.disconnect()
    assert MemberConsumer.open_sockets == {}


async def test_signing_out_closes_the_pages_of_that_browser_only():
    member, phone = await sync_to_async(sign_in)()
    laptop = Client()
    await sync_to_async(laptop.force_login)(member)
    on_phone, on_laptop = await joined(phone), await joined(laptop)
    await sync_to_async(phone.logout)()
    while (frame := await on_phone.receive_output(timeout=5))["type"] != "websocket.close":
        pass
    assert frame["code"] == 4401
    await tell(member.pk, News(number=1))
    assert (await hear(on_laptop))["number"] == 1
    await on_laptop.disconnect()


async def test_a_sign_of_life_comes_again_and_again(monkeypatch):
    monkeypatch.setattr(member_socket, "JOIN_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(member_socket, "ALIVE_SECONDS", 0.01)
    _, browser = await sync_to_async(sign_in)()
    tab = await joined(browser)
    assert [await hear(tab, alive=True) for _ in range(2)] == [{"type": "member.alive"}] * 2
    await tab.disconnect()


async def test_a_page_is_sent_away_while_redis_does_not_answer(monkeypatch):
    async def down(*args):
        raise redis.ConnectionError

    _, browser = await sync_to_async(sign_in)()
    tab = page(browser)
    monkeypatch.setattr("channels_redis.pubsub.RedisPubSubLoopLayer.group_send", down)
    assert (await tab.connect(timeout=5))[0]
    assert await close_code(tab) == 1013


def test_news_that_cannot_be_sent_undo_nothing(monkeypatch, caplog):
    monkeypatch.setattr("redis.Redis.publish", lambda *args: (_ for _ in ()).throw(redis.ConnectionError()))
    tell_member_on_commit(1, News(number=1))
    assert "member news not delivered" in caplog.text


def test_it_works_under_the_server_of_production():
    member, browser = sign_in()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(application, ws="websockets-sansio", lifespan="off", log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            address = f"127.0.0.1:{listening.getsockname()[1]}"
            with connect(
                f"ws://{address}/ws/me/",
                origin=f"http://{address}",
                additional_headers={"Cookie": cookie_of(browser)},
                open_timeout=10,
            ) as tab:
                assert json.loads(tab.recv(timeout=5)) == {"type": "member.joined"}
                tell_member_on_commit(member.pk, News(number=7))
                deadline = time.monotonic() + 5
                while (news := json.loads(tab.recv(timeout=5)))["type"] != "test.news":
                    assert time.monotonic() < deadline
                assert news["number"] == 7
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()
