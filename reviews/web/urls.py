"""Addresses of the pages for judging."""

from django.urls import path

from reviews.web import inbox, insights, views

urlpatterns = [
    path("insights", insights.Insights.as_view(), name="insights-page"),
    path("reviews", inbox.Inbox.as_view(), name="reviews-page"),
    path("reviews/several", inbox.Several.as_view(), name="reviews-several-page"),
    path("reviews/decided", inbox.Decided.as_view(), name="reviews-decided-page"),
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
