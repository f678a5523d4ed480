"""Addresses below /api/v1/."""

from django.urls import path, re_path

from chatops.api import views

_CHANNEL = r"^channels/(?P<name>[^/\x00]+)/"

urlpatterns = [
    path("channels/", views.Channels.as_view(), name="channels"),
    re_path(f"{_CHANNEL}$", views.OneChannel.as_view(), name="channel"),
    re_path(f"{_CHANNEL}test/$", views.Sample.as_view(), name="channel-test"),
    path("routes/", views.Routes.as_view(), name="routes"),
    re_path(r"^routes/(?P<name>[^/\x00]+)/$", views.OneRoute.as_view(), name="route"),
    path("delegations/", views.Delegations.as_view(), name="delegations"),
    path(
        "delegations/<uuid:delegation_id>/",
        views.OneDelegation.as_view(),
        name="delegation",
    ),
    path("postings/", views.Postings.as_view(), name="postings"),
    path("postings/<uuid:posting_id>/", views.OnePosting.as_view(), name="posting"),
    path("postings/<uuid:posting_id>/send/", views.SendAgain.as_view(), name="posting-send"),
]
