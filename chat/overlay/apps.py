from django.apps import AppConfig


class OverlayConfig(AppConfig):
    name = "chat.overlay"
    label = "overlay"

    def ready(self) -> None:
        from broadcasts.following.signals import channel_followed
        from chat.overlay.followers import on_channel_followed

        channel_followed.connect(on_channel_followed, dispatch_uid="overlay.note_follower")
