from django.urls import path

from orders.cart import views

urlpatterns = [
    path("cart/", views.cart, name="cart"),
    path("cart/add/", views.add, name="cart_add"),
    path("cart/ticked/", views.ticked, name="cart_ticked"),
    path("cart/checkout/", views.checkout, name="cart_checkout"),
    path("cart/<slug:variant>/quantity/", views.quantity, name="cart_quantity"),
    path("cart/<slug:variant>/price/", views.price, name="cart_price"),
    path("cart/<slug:variant>/remove/", views.remove, name="cart_remove"),
]
