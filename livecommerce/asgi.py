"""ASGI entry: uploads to their receiver, other HTTP to Django, websockets to Channels.

Runs under uvicorn and, for `runserver`, under daphne.
"""

import gc
import os
from functools import lru_cache

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecommerce.settings")
django.setup(set_prefix=False)  # fills the app registry: what follows imports models

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator, OriginValidator  # noqa: E402
from django.urls import re_path  # noqa: E402

from accounts.routing import websocket_urlpatterns as member_sockets  # noqa: E402
from broadcasts.camera.routing import websocket_urlpatterns as camera_sockets  # noqa: E402
from chat.room.routing import websocket_urlpatterns as room_sockets  # noqa: E402
from chat.room.transmit import KeepRawSend, Receive, Scope, Transmit  # noqa: E402
from livecommerce.handler import OneThreadHandler  # noqa: E402
from media_pipeline.uploading.receiver import with_receiver  # noqa: E402

# A process with ten thousand viewers holds millions of objects, nearly none of them garbage. With Python's thresholds,
# looking through them took a quarter of the time in which they join.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 5, 50)


def remembering(validator: OriginValidator) -> OriginValidator:
    """Have it judge each origin once: thousands who join a room come from pages of the same few sites."""
    validator.valid_origin = lru_cache(maxsize=1000)(validator.valid_origin)
    return validator


async def refuse(scope: Scope, receive: Receive, send: Transmit) -> None:
    """Refuse the handshake at any other address, which would otherwise be an error in the log."""
    await receive()
    await send({"type": "websocket.close"})


others = [*member_sockets, *camera_sockets, re_path("", refuse)]  # type: ignore[arg-type]  # the stubs know views only
application = ProtocolTypeRouter(
    {
        "http": with_receiver(OneThreadHandler()),
        "websocket": KeepRawSend(
            remembering(
                AllowedHostsOriginValidator(
                    URLRouter([*room_sockets, re_path("", AuthMiddlewareStack(URLRouter(others)))])
                )
            )
        ),
    }
)
