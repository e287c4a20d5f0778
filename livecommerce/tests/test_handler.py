import threading

import httpx
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from livecommerce.handler import OneThreadHandler

seen: list[tuple[str, int]] = []


def note(name):
    seen.append((name, threading.get_ident()))


def noting(get_response):
    def answer(request):
        note("in")
        response = get_response(request)
        note("out")
        return response

    return answer


def page(request):
    note("view")
    return HttpResponse(f"{request.method} {len(request.body)}")


def broken(request):
    raise RuntimeError("a fault of ours")


async def stream(request):
    async def parts():
        yield b"one "
        yield b"two"

    return StreamingHttpResponse(parts())


urlpatterns = [path("", page), path("broken/", broken), path("stream/", stream)]


async def ask(settings, method, address, **content):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        f"{__name__}.noting",
        "django.middleware.common.CommonMiddleware",
    ]
    seen.clear()
    transport = httpx.ASGITransport(OneThreadHandler(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as browser:
        return await browser.request(method, address, **content)


async def test_a_request_stays_in_one_thread_and_not_in_the_loops(settings):
    answer = await ask(settings, "POST", "/", content=b"12345")
    assert (answer.status_code, answer.text) == (200, "POST 5")
    assert [name for name, _ in seen] == ["in", "view", "out"]
    threads = {thread for _, thread in seen}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


async def test_a_broken_view_is_answered(settings):
    settings.DEBUG = False
    answer = await ask(settings, "GET", "/broken/")
    assert answer.status_code == 500
    assert [name for name, _ in seen] == ["in", "out"]


async def test_an_answer_may_come_in_parts(settings):
    answer = await ask(settings, "GET", "/stream/")
    assert answer.text == "one two"
