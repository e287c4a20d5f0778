from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "chat.activities"
    label = "activities"

    def ready(self) -> None:
        from chat.activities.receivers import on_checkout_paid
        from orders.signals import checkout_paid

        checkout_paid.connect(on_checkout_paid, dispatch_uid="activities.note_orders")
