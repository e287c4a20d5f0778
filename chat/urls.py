from django.urls import include, path

from chat import views

app_name = "chat"
urlpatterns = [
    path("live/<slug:code>/messages/", views.messages, name="messages"),
    path("studio/<slug:code>/chat.csv", views.chat_csv, name="chat_csv"),
    path("", include("chat.moderation.urls")),
    path("", include("chat.questions.urls")),
    path("", include("chat.support.urls")),
    path("", include("chat.overlay.urls")),
    path("", include("chat.report.urls")),
    path("", include("chat.activities.urls")),
]
