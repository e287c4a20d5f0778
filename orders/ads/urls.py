from django.urls import path

from orders.ads import studio, views

urlpatterns = [
    path("ads/main/", views.shown_on_main, name="ads_on_main"),
    path("ads/category/<slug:category>/", views.shown_in_category, name="ads_in_category"),
    path("ads/<slug:code>/go/", views.click, name="ad_click"),
    path("studio/ads/", studio.ads, name="ads"),
    path("studio/ads/new/", studio.new_ad, name="new_ad"),
    path("studio/ads/<slug:code>/", studio.ad, name="ad"),
    path("studio/ads/<slug:code>/stop/", studio.stop, name="stop_ad"),
]
