from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "chat.support"
    label = "support"

    def ready(self) -> None:
        from chat.support.receivers import on_checkout_paid
        from orders.signals import checkout_paid

        checkout_paid.connect(on_checkout_paid, dispatch_uid="support.tell_the_room")
