from django.urls import path

from orders.buyer import claim_views, dispute_views, find_views, views

urlpatterns = [
    path("orders/", views.history, name="history"),
    path("orders/find/", find_views.find, name="find"),
    path("orders/find/code/", find_views.find_code, name="find_code"),
    path("orders/<slug:code>/", views.receipt, name="receipt"),
    path("orders/<slug:code>/confirm/", views.confirm, name="confirm"),
    path("orders/<slug:code>/evidence/", views.evidence, name="evidence"),
    path("orders/<slug:code>/evidence/file/", views.evidence_file, name="evidence_file"),
    path("orders/<slug:code>/claim/", claim_views.claim, name="claim"),
    path(
        "orders/<slug:code>/claims/<slug:claim>/withdraw/", claim_views.withdraw_claim, name="withdraw_claim"
    ),
    path("orders/<slug:code>/claims/<slug:claim>/parcel/", claim_views.sent_back, name="sent_back"),
    path("orders/<slug:code>/dispute/", dispute_views.new_dispute, name="new_dispute"),
    path("orders/<slug:code>/disputes/<slug:dispute>/", dispute_views.dispute, name="dispute"),
    path(
        "orders/<slug:code>/disputes/<slug:dispute>/withdraw/",
        dispute_views.withdraw_own_dispute,
        name="withdraw_dispute",
    ),
]
