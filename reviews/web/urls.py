"""Addresses of the pages for judging."""

from django.urls import path

from reviews.web import views

urlpatterns = [
    path("reviews", views.Inbox.as_view(), name="reviews-page"),
    path(
        "requests/<uuid:request_id>/review",
        views.Reviews.as_view(),
        name="request-review-page",
    ),
    path(
        "requests/<uuid:request_id>/resolve",
        views.Resolution.as_view(),
        name="request-resolve-page",
    ),
]
