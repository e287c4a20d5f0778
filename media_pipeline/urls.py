from django.urls import path

from media_pipeline import avatar, views, webhook

app_name = "media"
urlpatterns = [
    path("events/", webhook.receive_events, name="events"),
    path("me/avatar/", avatar.avatar, name="avatar"),
    path("uploads/", views.begin, name="begin"),
    path("uploads/<slug:code>/", views.state, name="state"),
    path("uploads/<slug:code>/parts/", views.parts, name="parts"),
    path("uploads/<slug:code>/complete/", views.complete, name="complete"),
    path("uploads/<slug:code>/cancel/", views.cancel, name="cancel"),
    path("uploads/<slug:code>/retry/", views.retry, name="retry"),
    path("uploads/<slug:code>/poster/", views.poster, name="poster"),
    path("uploads/<slug:code>/card/", views.card, name="card"),
]
