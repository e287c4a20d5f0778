from django.urls import path

from broadcasts.rehearsal import views

urlpatterns = [
    path("rehearsal/<slug:code>/", views.watch, name="rehearsal"),
    path("rehearsal/<slug:code>/picture/<str:name>", views.picture, name="rehearsal_picture"),
    path("studio/<slug:code>/rehearsal/", views.studio, name="rehearsal_studio"),
    path("studio/<slug:code>/rehearsal/close/", views.close, name="rehearsal_close"),
]
