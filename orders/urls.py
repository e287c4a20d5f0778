from django.urls import include, path

from orders import sales, views
from orders.notice_door import receive_notice
from orders.payments.sandbox_page import sandbox

app_name = "orders"
urlpatterns = [
    path("", include("orders.deals.urls")),
    path("", include("orders.cart.urls")),
    path("", include("orders.checkout.urls")),
    path("", include("orders.second_hand.urls")),
    path("orders/", views.history, name="history"),
    path("orders/<slug:code>/", views.receipt, name="receipt"),
    path("pay/sandbox/<slug:ref>/", sandbox, name="sandbox"),
    path("pay/notices/<slug:method>/", receive_notice, name="notices"),
    path("studio/sales/", sales.sales, name="sales"),
    path("studio/<slug:code>/sales/", sales.broadcast_sales, name="broadcast_sales"),
    path("", include("orders.settlements.urls")),
    path("", include("orders.ads.urls")),
]
