"""Addresses of the pages about channels."""

from django.urls import path

from chatops.web import views

urlpatterns = [
    path("channels/postings", views.FailedPostings.as_view(), name="postings-page"),
    path(
        "channels/postings/<uuid:posting_id>/send",
        views.SendAgain.as_view(),
        name="posting-send-page",
    ),
]
