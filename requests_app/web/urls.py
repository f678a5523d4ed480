"""Addresses of the pages for asking."""

from django.urls import path, re_path

from requests_app.web import (
    asking,
    explaining,
    grants,
    home,
    own,
    people,
    roles,
    views,
    workflows,
)

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("requests/new", asking.NewRequest.as_view(), name="request-new"),
    path("explain", explaining.Explain.as_view(), name="explain"),
    path("settings", own.Profile.as_view(), name="settings"),
    path("workflows", workflows.Workflows.as_view(), name="workflows-page"),
    path("workflows/<str:name>", workflows.OneWorkflow.as_view(), name="workflow-page"),
    path("grants", grants.Grants.as_view(), name="grants-page"),
    path("grants/grants.csv", grants.Export.as_view(), name="grants-csv"),
    path("grants/<uuid:grant_id>/revoke", grants.Taking.as_view(), name="grant-take-page"),
    path("roles", roles.Roles.as_view(), name="roles-page"),
    re_path(r"^roles/(?P<name>[^\x00]+)$", roles.OneRole.as_view(), name="role-page"),
    re_path(r"^people/(?P<email>[^\x00]+)$", people.OnePerson.as_view(), name="person-page"),
    path("requests/<uuid:request_id>", views.OneRequest.as_view(), name="request-page"),
    path(
        "requests/<uuid:request_id>/cancel",
        views.Cancellation.as_view(),
        name="request-cancel-page",
    ),
    path(
        "requests/<uuid:request_id>/grants/<uuid:grant_id>/end",
        views.EndOfGrant.as_view(),
        name="grant-end-page",
    ),
    path(
        "requests/<uuid:request_id>/grants/<uuid:grant_id>/revoke",
        views.Revocation.as_view(),
        name="grant-revoke-page",
    ),
]
