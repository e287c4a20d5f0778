from django.urls import path

from chat.report import views

urlpatterns = [
    path("studio/<slug:code>/numbers/", views.numbers, name="numbers"),
    path("studio/<slug:code>/report/", views.report, name="report"),
    path("studio/<slug:code>/report/summary/", views.report_summary, name="report_summary"),
    path("studio/<slug:code>/report/curve/", views.report_curve, name="report_curve"),
]
