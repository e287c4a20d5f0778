from django.urls import path

from broadcasts.camera import views

urlpatterns = [
    path("studio/channel/camera/", views.camera, name="camera"),
    path("studio/<slug:code>/go-live/", views.go_live, name="go_live"),
    path("studio/<slug:code>/go-live/end/", views.go_live_end, name="go_live_end"),
    path("studio/<slug:code>/checks/", views.checks, name="checks"),
]
