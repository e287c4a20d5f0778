from django.urls import include, path

from broadcasts import lineup_studio, studio, views

app_name = "broadcasts"
urlpatterns = [
    path("", views.home, name="home"),
    path("replays/", views.replays, name="replays"),
    path("live/with/<slug:product>/", views.product_shows, name="product_shows"),
    path("live/<slug:code>/", views.watch, name="watch"),
    path("live/<slug:code>/lineup/", views.lineup, name="lineup"),
    path("studio/", studio.studio, name="studio"),
    path("studio/channel/", studio.ingest_card, name="ingest_card"),
    path("studio/channel/key/", studio.stream_key, name="stream_key"),
    path("studio/channel/rotate/", studio.rotate_key, name="rotate_key"),
    path("studio/new/", studio.create, name="create"),
    path("", include("broadcasts.chapters.urls")),
    path("", include("broadcasts.clips.urls")),
    path("", include("broadcasts.camera.urls")),
    path("", include("broadcasts.following.urls")),
    path("", include("broadcasts.rehearsal.urls")),
    path("studio/<slug:code>/", studio.control_room, name="control_room"),
    path("studio/<slug:code>/signal/", studio.signal, name="signal"),
    path("studio/<slug:code>/signal/samples/", studio.signal_samples, name="signal_samples"),
    path("studio/<slug:code>/start/", studio.start, name="start"),
    path("studio/<slug:code>/end/", studio.end, name="end"),
    path("studio/<slug:code>/cancel/", studio.cancel, name="cancel"),
    path("studio/<slug:code>/lineup/", lineup_studio.control_lineup, name="control_lineup"),
    path("studio/<slug:code>/arrange/", lineup_studio.arrange, name="arrange"),
    path("studio/<slug:code>/pin/", lineup_studio.pin, name="pin"),
    path("studio/<slug:code>/live-price/", lineup_studio.live_price, name="live_price"),
]
