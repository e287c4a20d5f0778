from django.urls import path

from accounts.member_socket import MemberConsumer

websocket_urlpatterns = [path("ws/me/", MemberConsumer.as_asgi())]
