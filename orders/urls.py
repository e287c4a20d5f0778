from django.urls import include, path

from orders.notice_door import receive_notice
from orders.payments.sandbox_page import sandbox

app_name = "orders"
urlpatterns = [
    path("", include("orders.deals.urls")),
    path("", include("orders.cart.urls")),
    path("", include("orders.checkout.urls")),
    path("", include("orders.second_hand.urls")),
    path("", include("orders.buyer.urls")),
    path("pay/sandbox/<slug:ref>/", sandbox, name="sandbox"),
    path("pay/notices/<slug:method>/", receive_notice, name="notices"),
    path("", include("orders.selling.urls")),
    path("", include("orders.settlements.urls")),
    path("", include("orders.ads.urls")),
]
