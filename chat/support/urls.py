from django.urls import path

from chat.support import views

urlpatterns = [
    path("support/given/", views.given_support, name="given_support"),
    path("live/<slug:code>/support/", views.support, name="support"),
    path("live/<slug:code>/support/<slug:message>/", views.support_message, name="support_message"),
    path("studio/<slug:code>/support/", views.support_queue, name="support_queue"),
    path("studio/<slug:code>/support/<slug:message>/show/", views.show_message, name="show_support"),
]
