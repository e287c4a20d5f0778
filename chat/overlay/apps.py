from django.apps import AppConfig


class OverlayConfig(AppConfig):
    name = "chat.overlay"
    label = "overlay"
