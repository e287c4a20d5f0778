from django.urls import path

from broadcasts.clips import views

urlpatterns = [
    path("clips/<slug:clip>/", views.clip, name="clip"),
    path("studio/<slug:code>/clips/", views.clips, name="clips"),
    path("studio/<slug:code>/clips/list/", views.clip_list, name="clip_list"),
    path("studio/<slug:code>/clips/make/", views.make_clip, name="make_clip"),
    path("studio/<slug:code>/clips/<slug:clip>/delete/", views.delete_clip, name="delete_clip"),
]
