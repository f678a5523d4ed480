"""Addresses of the pages about channels."""

from django.urls import path

from chatops.web import pagerduty, settings, views

urlpatterns = [
    path("channels/postings", views.FailedPostings.as_view(), name="postings-page"),
    path(
        "channels/postings/<uuid:posting_id>/send",
        views.SendAgain.as_view(),
        name="posting-send-page",
    ),
    path(
        "chatops/pagerduty/webhook", pagerduty.FromPagerDuty.as_view(), name="pagerduty-webhook"
    ),
    path("link/<str:token>", settings.AccountLink.as_view(), name="account-link-page"),
    path("notifications", settings.Notifications.as_view(), name="notifications-page"),
    path(
        "notifications/<uuid:account_id>/unlink",
        settings.AccountUnlink.as_view(),
        name="account-unlink-page",
    ),
]
