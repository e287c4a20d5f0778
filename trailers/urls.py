from django.urls import path

from trailers import comments, push, reminding, studio, views

app_name = "trailers"
urlpatterns = [
    path("trailers/", views.trailer_list, name="list"),
    path("trailers/soon/", views.soon, name="soon"),
    path("trailers/comments/<slug:code>/", comments.comment, name="comment"),
    path("trailers/comments/<slug:code>/edit/", comments.edit, name="edit_comment"),
    path("trailers/comments/<slug:code>/delete/", comments.delete, name="delete_comment"),
    path("trailers/<slug:code>/", views.detail, name="detail"),
    path("trailers/<slug:code>/status/", views.status, name="status"),
    path("trailers/<slug:code>/renew/", views.renew, name="renew"),
    path("trailers/<slug:code>/calendar.ics", views.calendar, name="calendar"),
    path("trailers/<slug:code>/remind/", reminding.remind, name="remind"),
    path("trailers/<slug:code>/comments/", comments.comments, name="comments"),
    path("reminders/<slug:token>/stop/", reminding.stop, name="stop_reminder"),
    path("studio/trailers/", studio.studio, name="studio"),
    path("studio/trailers/new/", studio.create, name="create"),
    path("studio/trailers/<slug:code>/", studio.edit, name="edit"),
    path("studio/trailers/<slug:code>/cancel/", studio.cancel, name="cancel"),
    path("studio/trailers/<slug:code>/start/", studio.start, name="start"),
    path("push/key/", push.key, name="push_key"),
    path("push/subscribe/", push.subscribe, name="push_subscribe"),
    path("push/unsubscribe/", push.unsubscribe, name="push_unsubscribe"),
    path("push-worker.js", push.worker, name="push_worker"),
]
