from django.urls import include, path

app_name = "chat"
urlpatterns = [
    path("", include("chat.questions.urls")),
    path("", include("chat.report.urls")),
    path("", include("chat.activities.urls")),
]
