from django.urls import include, path

from orders import sales, views
from orders.payments.sandbox_page import sandbox

app_name = "orders"
urlpatterns = [
    path("", include("orders.second_hand.urls")),
    path("orders/", views.history, name="history"),
    path("orders/buy/<slug:broadcast>/<slug:product>/", views.buy, name="buy"),
    path("orders/<slug:code>/", views.receipt, name="receipt"),
    path("orders/<slug:code>/return/", views.payment_return, name="payment_return"),
    path("orders/<slug:code>/pay/", views.resume_payment, name="resume_payment"),
    path("orders/<slug:code>/cancel/", views.cancel_pending, name="cancel_pending"),
    path("pay/sandbox/<slug:ref>/", sandbox, name="sandbox"),
    path("studio/sales/", sales.sales, name="sales"),
    path("studio/<slug:code>/sales/", sales.broadcast_sales, name="broadcast_sales"),
    path("", include("orders.settlements.urls")),
    path("", include("orders.ads.urls")),
]
