from django.urls import path

from orders.settlements import views

urlpatterns = [
    path("studio/settlements/", views.settlements, name="settlements"),
    path("studio/settlements/<slug:code>/", views.settlement, name="settlement"),
    path("studio/settlements/<slug:code>/print/", views.settlement_print, name="settlement_print"),
    path("studio/settlements/<slug:code>/statement.csv", views.settlement_csv, name="settlement_csv"),
]
