from django.urls import path

from chat.activities import panel, views

urlpatterns = [
    path("live/<slug:code>/activities/<slug:activity>/", views.answer, name="answer"),
    path("live/<slug:code>/draws/<slug:draw>/", views.draw, name="draw"),
    path("live/<slug:code>/draws/<slug:draw>/tickets.txt", views.draw_tickets, name="draw_tickets"),
    path("studio/<slug:code>/activities/", panel.activities, name="activities"),
    path("studio/<slug:code>/activities/<slug:activity>/end/", panel.end_activity, name="end_activity"),
    path("studio/<slug:code>/ticker/", panel.switch_ticker, name="switch_ticker"),
]
