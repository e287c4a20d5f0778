from django.apps import AppConfig


class ReportConfig(AppConfig):
    name = "chat.report"
    label = "report"

    def ready(self) -> None:
        from chat.report.receivers import on_product_opened
        from orders.signals import product_opened

        product_opened.connect(on_product_opened, dispatch_uid="report.note_opener")
