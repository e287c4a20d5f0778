from channels.sessions import CookieMiddleware
from django.urls import path

from chat.room.consumer import RoomConsumer

# Cookies only: who comes is in a ticket, and the session is read when somebody writes.
websocket_urlpatterns = [path("ws/rooms/<slug:code>/", CookieMiddleware(RoomConsumer.as_asgi()))]
