"""How a request over ASGI gets its answer: in one thread, from the first middleware to the last."""

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class OneThreadHandler(ASGIHandler):
    """Django's own takes each middleware through a thread and back, twice a request; there were a dozen.

    Our views are plain functions, so nothing is lost. Measured with the pages of `./dev bench pages`: the time of a
    request fell to less than half.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:  # noqa: ANN401 its base says any response
        answer: HttpResponseBase = await sync_to_async(self.get_response, thread_sensitive=True)(request)
        return answer
