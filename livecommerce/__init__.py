"""The project package: settings, addresses, ASGI and Celery. It wires everything; no app imports it."""

from livecommerce.celery import app as celery_app

__all__ = ["celery_app"]
