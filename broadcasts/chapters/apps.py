from django.apps import AppConfig


class ChaptersConfig(AppConfig):
    name = "broadcasts.chapters"
    label = "chapters"
