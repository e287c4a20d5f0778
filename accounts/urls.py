from django.urls import path

from accounts import address_views, views

app_name = "accounts"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/addresses/", address_views.address_list, name="addresses"),
    path("me/addresses/new/", address_views.add_address, name="add_address"),
    path("me/addresses/<slug:code>/", address_views.edit_address, name="edit_address"),
    path("me/addresses/<slug:code>/delete/", address_views.delete_address, name="delete_address"),
    path("me/addresses/<slug:code>/default/", address_views.default_address, name="default_address"),
    path("terms/", views.terms, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
]
