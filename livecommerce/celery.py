"""The Celery application; tasks live in each app's `tasks.py`."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecommerce.settings")

app = Celery("livecommerce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="periodic")
app.autodiscover_tasks(related_name="transcode_tasks")
app.autodiscover_tasks(related_name="upload_tasks")


@worker_ready.connect
def note_worker_ready(**kwargs: object) -> None:
    """Let /readyz be green as soon as the worker is, rather than at beat's first round."""
    from common.heartbeat import beat_heart  # needs the settings, which load after this module

    beat_heart()
