from django.urls import path

from broadcasts.following import views

urlpatterns = [
    path("following/", views.following, name="following"),
    path("channels/<slug:channel>/follow/", views.follow, name="follow"),
    path("channels/<slug:channel>/unfollow/", views.unfollow, name="unfollow"),
]
