from django.urls import path

from orders.selling import action_views, dispute_views, parcel_views, views

urlpatterns = [
    path("studio/orders/", views.selling, name="selling"),
    path("studio/orders/packing/", views.packing, name="packing"),
    path("studio/orders/parcels/", parcel_views.parcels, name="parcels"),
    path("studio/orders/parcels/file/", parcel_views.export_parcels, name="export_parcels"),
    path("studio/orders/<slug:code>/", views.selling_order, name="selling_order"),
    path("studio/orders/<slug:code>/prepare/", action_views.prepare, name="prepare"),
    path("studio/orders/<slug:code>/ship/", action_views.ship, name="ship"),
    path("studio/orders/<slug:code>/deliver/", action_views.deliver, name="deliver"),
    path("studio/orders/<slug:code>/refund/", action_views.refund, name="refund"),
    path(
        "studio/claims/<slug:claim>/approve/",
        action_views.answer_claim,
        {"answer": "approve"},
        name="approve_claim",
    ),
    path(
        "studio/claims/<slug:claim>/refuse/",
        action_views.answer_claim,
        {"answer": "refuse"},
        name="refuse_claim",
    ),
    path(
        "studio/claims/<slug:claim>/receive/",
        action_views.answer_claim,
        {"answer": "receive"},
        name="receive_claim",
    ),
    path("studio/disputes/<slug:dispute>/", dispute_views.selling_dispute, name="selling_dispute"),
    path("studio/sales/", views.sales, name="sales"),
    path("studio/<slug:code>/sales/", views.broadcast_sales, name="broadcast_sales"),
]
