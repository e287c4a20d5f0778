from django.urls import path

from orders.checkout import address_views, buy_views, start_views, views

urlpatterns = [
    path("orders/buy/<slug:broadcast>/<slug:product>/", buy_views.buy, name="buy"),
    path("checkout/start/", start_views.buy_now, name="buy_now"),
    path("checkout/<slug:code>/", views.checkout, name="checkout"),
    path("checkout/<slug:code>/address/", address_views.change_address, name="checkout_address"),
    path("checkout/<slug:code>/pay/", views.pay, name="checkout_pay"),
    path("checkout/<slug:code>/extend/", views.extend, name="checkout_extend"),
    path("checkout/<slug:code>/cancel/", views.cancel, name="checkout_cancel"),
    path("checkout/<slug:code>/again/", start_views.again, name="checkout_again"),
    path("checkout/<slug:code>/state/", views.state, name="checkout_state"),
    path("checkout/<slug:code>/return/<slug:ref>/", views.checkout_return, name="checkout_return"),
]
