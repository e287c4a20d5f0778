from django.apps import AppConfig


class ClipsConfig(AppConfig):
    name = "broadcasts.clips"
    label = "clips"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from broadcasts.clips.files import on_clip_deleted
        from broadcasts.clips.models import Clip

        post_delete.connect(on_clip_deleted, sender=Clip, dispatch_uid="clips.note_files")
