"""Addresses of the pages for asking."""

from django.urls import path

from requests_app.web import explaining, views, workflows

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("requests/new", views.NewRequest.as_view(), name="request-new"),
    path("explain", explaining.Explain.as_view(), name="explain"),
    path("workflows", workflows.Workflows.as_view(), name="workflows-page"),
    path("workflows/<str:name>", workflows.OneWorkflow.as_view(), name="workflow-page"),
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
