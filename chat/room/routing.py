from django.urls import path, re_path

from chat.room.consumer import RoomConsumer
from chat.room.transmit import Receive, Scope, Transmit


async def refuse(scope: Scope, receive: Receive, send: Transmit) -> None:
    """Refuse the handshake at any other address, which would otherwise be an error in the log."""
    await receive()
    await send({"type": "websocket.close"})


websocket_urlpatterns = [
    path("ws/rooms/<slug:code>/", RoomConsumer.as_asgi()),
    re_path("", refuse),  # type: ignore[arg-type]  # the stubs know views only
]
