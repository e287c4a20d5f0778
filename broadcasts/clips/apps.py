from django.apps import AppConfig


class ClipsConfig(AppConfig):
    name = "broadcasts.clips"
    label = "clips"
