from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    name = "broadcasts.rehearsal"
    label = "rehearsal"
