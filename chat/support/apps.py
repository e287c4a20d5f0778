from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "chat.support"
    label = "support"

    def ready(self) -> None:
        from chat.support.receivers import on_checkout_paid, on_refund_done
        from orders.signals import checkout_paid, refund_done

        checkout_paid.connect(on_checkout_paid, dispatch_uid="support.tell_the_room")
        refund_done.connect(on_refund_done, dispatch_uid="support.mail_refund")
