from django.apps import AppConfig


class FollowingConfig(AppConfig):
    name = "broadcasts.following"
    label = "following"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from broadcasts.following.models import Follow
        from broadcasts.following.receivers import on_follow_deleted

        post_delete.connect(on_follow_deleted, sender=Follow, dispatch_uid="following.count_down")
