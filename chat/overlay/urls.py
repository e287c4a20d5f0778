from django.urls import path

from chat.overlay import views

urlpatterns = [
    path("overlay/<str:token>/", views.overlay, name="overlay"),
    path("studio/overlay/", views.studio, name="overlay_studio"),
    path("studio/overlay/issue/", views.issue, name="overlay_issue"),
    path("studio/overlay/revoke/", views.revoke, name="overlay_revoke"),
    path("studio/overlay/look/", views.look, name="overlay_look"),
]
