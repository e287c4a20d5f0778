from django.apps import AppConfig


class ReportConfig(AppConfig):
    name = "chat.report"
    label = "report"
