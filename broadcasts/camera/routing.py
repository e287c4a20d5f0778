from django.urls import path

from broadcasts.camera.consumer import CameraConsumer

websocket_urlpatterns = [path("ws/camera/", CameraConsumer.as_asgi())]
