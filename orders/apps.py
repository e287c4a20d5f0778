from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from orders import receivers, signals

        signals.refund_asked.connect(receivers.on_refund_asked, dispatch_uid="orders.settle_refund")
