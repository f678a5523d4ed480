"""Addresses below /api/v1/."""

from django.urls import path

from audit.api import views

urlpatterns = [path("events/", views.Events.as_view(), name="events")]
