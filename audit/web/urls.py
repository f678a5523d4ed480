"""Addresses of the pages of the log."""

from django.urls import path

from accessplane.lib.exports import CSV, JSON_LINES
from audit.web import views

urlpatterns = [
    path("audit", views.Events.as_view(), name="audit-page"),
    path("audit/events.csv", views.Export.as_view(kind=CSV), name="audit-csv"),
    path("audit/events.jsonl", views.Export.as_view(kind=JSON_LINES), name="audit-json-lines"),
    path("audit/<int:sequence>", views.Event.as_view(), name="event-page"),
]
