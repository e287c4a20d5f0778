from django.urls import path

from broadcasts.chapters import views

urlpatterns = [
    path("studio/<slug:code>/chapters/", views.chapters, name="chapters"),
    path("studio/<slug:code>/chapters/add/", views.add_chapter, name="add_chapter"),
    path("studio/<slug:code>/chapters/<slug:chapter>/", views.change_chapter, name="change_chapter"),
    path("studio/<slug:code>/chapters/<slug:chapter>/remove/", views.remove_chapter, name="remove_chapter"),
]
