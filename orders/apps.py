from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from catalog.signals import stock_changed
        from orders import receivers, signals
        from orders.admission import forget_sold_out
        from orders.cart.receivers import merge_at_sign_in
        from orders.deals import receivers as deal_receivers
        from orders.mail_receivers import connect_mails
        from orders.payments import checks  # noqa: F401 registers them
        from orders.second_hand.ending import on_order_moved as end_meeting

        user_logged_in.connect(merge_at_sign_in, dispatch_uid="orders.merge_cart")
        stock_changed.connect(forget_sold_out, dispatch_uid="orders.forget_sold_out")
        signals.checkout_ended.connect(receivers.on_checkout_ended, dispatch_uid="orders.take_back_payments")
        signals.payment_strayed.connect(receivers.on_payment_strayed, dispatch_uid="orders.mail_stray")
        signals.refund_refused.connect(receivers.on_refund_refused, dispatch_uid="orders.mail_refused_refund")
        signals.refund_asked.connect(receivers.on_refund_asked, dispatch_uid="orders.settle_refund")
        stock_changed.connect(deal_receivers.on_stock_changed, dispatch_uid="orders.offer_waiting")
        signals.order_moved.connect(deal_receivers.on_order_moved, dispatch_uid="orders.give_back_coupon")
        signals.order_moved.connect(end_meeting, dispatch_uid="orders.end_meeting")
        signals.waiting_offered.connect(deal_receivers.on_waiting_offered, dispatch_uid="orders.mail_waiting")
        connect_mails()
