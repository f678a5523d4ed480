"""Addresses of the pages about channels."""

from django.urls import path

from chatops.services.slack.talking import Kind
from chatops.web import email, pagerduty, settings, slack, views

urlpatterns = [
    path("channels/postings", views.FailedPostings.as_view(), name="postings-page"),
    path(
        "channels/postings/<uuid:posting_id>/send",
        views.SendAgain.as_view(),
        name="posting-send-page",
    ),
    path(
        "chatops/slack/interactions",
        slack.FromSlack.as_view(kind=Kind.INTERACTION),
        name="slack-interactions",
    ),
    path(
        "chatops/slack/commands",
        slack.FromSlack.as_view(kind=Kind.COMMAND),
        name="slack-commands",
    ),
    path(
        "chatops/slack/events",
        slack.FromSlack.as_view(kind=Kind.EVENT),
        name="slack-events",
    ),
    path("chatops/email/<str:token>", email.MailedRequest.as_view(), name="email-request-page"),
    path(
        "chatops/pagerduty/webhook", pagerduty.FromPagerDuty.as_view(), name="pagerduty-webhook"
    ),
    path("link/<str:token>", settings.AccountLink.as_view(), name="account-link-page"),
    path("notifications", settings.Notifications.as_view(), name="notifications-page"),
    path(
        "notifications/delegations",
        settings.Delegations.as_view(),
        name="delegations-page",
    ),
    path(
        "notifications/delegations/<uuid:delegation_id>/end",
        settings.DelegationEnd.as_view(),
        name="delegation-end-page",
    ),
    path(
        "notifications/<uuid:account_id>/unlink",
        settings.AccountUnlink.as_view(),
        name="account-unlink-page",
    ),
]
