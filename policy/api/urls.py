"""Addresses below /api/v1/."""

from django.urls import path

from policy.api import views

urlpatterns = [
    path("workflows/", views.Workflows.as_view(), name="workflows"),
    path("workflows/<str:name>/", views.OneWorkflow.as_view(), name="workflow"),
]
