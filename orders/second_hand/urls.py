from django.urls import path

from orders.second_hand import meeting_views, offer_views

urlpatterns = [
    path("offers/", offer_views.made, name="offers"),
    path("offers/received/", offer_views.received, name="offers_received"),
    path("offers/slot/<slug:product>/", offer_views.slot, name="offer_slot"),
    path("offers/<slug:code>/", offer_views.offer, name="offer"),
    path("offers/<slug:code>/counter/", offer_views.counter, name="offer_counter"),
    path("offers/<slug:code>/accept/", offer_views.accept, name="offer_accept"),
    path("offers/<slug:code>/decline/", offer_views.decline, name="offer_decline"),
    path("offers/<slug:code>/withdraw/", offer_views.withdraw, name="offer_withdraw"),
    path("offers/<slug:code>/buy/", offer_views.buy, name="offer_buy"),
    path("orders/<slug:code>/meeting/", meeting_views.meeting, name="meeting"),
    path("orders/<slug:code>/meeting/propose/", meeting_views.propose, name="meeting_propose"),
    path("orders/<slug:code>/meeting/agree/", meeting_views.agree, name="meeting_agree"),
    path("orders/<slug:code>/meeting/code/", meeting_views.type_code, name="meeting_code"),
    path("orders/<slug:code>/meeting/received/", meeting_views.received, name="meeting_received"),
    path("orders/<slug:code>/meeting/missed/", meeting_views.missed, name="meeting_missed"),
    path("orders/<slug:code>/meeting/contest/", meeting_views.contest, name="meeting_contest"),
]
