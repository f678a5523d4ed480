"""Addresses below /api/v1/."""

from django.urls import path

from requests_app.api import views

urlpatterns = [
    path("access-requests/", views.AccessRequests.as_view(), name="access-requests"),
    path("access-requests/explanation/", views.Explanation.as_view(), name="explanation"),
    path(
        "access-requests/<uuid:request_id>/",
        views.OneAccessRequest.as_view(),
        name="access-request",
    ),
    path(
        "access-requests/<uuid:request_id>/cancel/",
        views.Cancellation.as_view(),
        name="access-request-cancel",
    ),
    path("grants/", views.Grants.as_view(), name="grants"),
    path("grants/<uuid:grant_id>/", views.OneGrant.as_view(), name="grant"),
    path("grants/<uuid:grant_id>/end/", views.EndOfGrant.as_view(), name="grant-end"),
    path("grants/<uuid:grant_id>/revoke/", views.Revocation.as_view(), name="grant-revoke"),
    path("roles/requestable/", views.RequestableRoles.as_view(), name="requestable-roles"),
    path("access/check/", views.AccessCheck.as_view(), name="access-check"),
]
