from django.apps import AppConfig


class MediaPipelineConfig(AppConfig):
    name = "media_pipeline"

    def ready(self) -> None:
        from media_pipeline import mail_events, transcode_events, upload_events

        mail_events.register()
        transcode_events.register()
        upload_events.register()
