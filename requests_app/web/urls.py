"""Addresses of the pages for asking."""

from django.urls import path

from requests_app.web import views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("requests/new", views.NewRequest.as_view(), name="request-new"),
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
