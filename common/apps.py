from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from common import checks  # noqa: F401 registers them
        from common.stale_plans import watch_connections

        watch_connections()
