from django.urls import path

from orders.deals import coupon_studio, coupon_views, panel, waiting_views

urlpatterns = [
    path("studio/coupons/", coupon_studio.coupons, name="coupons"),
    path("studio/coupons/new/", coupon_studio.new_coupon, name="new_coupon"),
    path("studio/coupons/<slug:coupon>/stop/", coupon_studio.stop_coupon, name="stop_coupon"),
    path("studio/<slug:broadcast>/deals/", panel.deals, name="deals"),
    path("studio/<slug:broadcast>/deals/<slug:product>/stop/", panel.stop_deal, name="stop_deal"),
    path("studio/<slug:broadcast>/coupons/<slug:coupon>/drop/", panel.drop_coupon, name="drop_coupon"),
    path("coupons/", coupon_views.my_coupons, name="my_coupons"),
    path("coupons/claim/", coupon_views.claim, name="claim_coupon"),
    path("checkout/<slug:code>/coupon/", coupon_views.checkout_coupon, name="checkout_coupon"),
    path("waiting/<slug:variant>/", waiting_views.waiting, name="waiting"),
    path("waiting/<slug:variant>/join/", waiting_views.join_queue, name="join_queue"),
    path("waiting/<slug:variant>/leave/", waiting_views.leave_queue, name="leave_queue"),
]
