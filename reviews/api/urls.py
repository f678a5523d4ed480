"""Addresses below /api/v1/."""

from django.urls import path

from reviews.api import views

urlpatterns = [
    path(
        "access-requests/<uuid:request_id>/reviews/",
        views.Reviews.as_view(),
        name="access-request-reviews",
    ),
    path(
        "access-requests/<uuid:request_id>/checks/<str:workflow>/",
        views.OneCheck.as_view(),
        name="access-request-check",
    ),
    path(
        "access-requests/<uuid:request_id>/resolve/",
        views.Resolution.as_view(),
        name="access-request-resolve",
    ),
]
