"""Addresses of the pages about channels."""

from django.urls import path

from chatops.services.slack.talking import Kind
from chatops.web import channels, email, inbound, routes, settings, slack, views

urlpatterns = [
    path("channels", channels.Channels.as_view(), name="channels-page"),
    path("channels/add/<str:kind>", channels.AddChannel.as_view(), name="channel-add-page"),
    path("channels/<uuid:channel_id>", channels.OneChannel.as_view(), name="channel-page"),
    path(
        "channels/<uuid:channel_id>/edit",
        channels.EditChannel.as_view(),
        name="channel-edit-page",
    ),
    path(
        "channels/<uuid:channel_id>/sample",
        channels.Sample.as_view(),
        name="channel-sample-page",
    ),
    path(
        "channels/<uuid:channel_id>/routes/add",
        routes.AddRoute.as_view(),
        name="route-add-page",
    ),
    path("routes/<uuid:route_id>", routes.EditRoute.as_view(), name="route-page"),
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
    path("chatops/<str:kind>/<str:door>", inbound.FromService.as_view(), name="from-service"),
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
