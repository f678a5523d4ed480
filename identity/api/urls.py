"""Addresses below /api/v1/."""

from django.urls import path, re_path

from identity.api import views

urlpatterns = [
    path("users/", views.Users.as_view(), name="users"),
    path("users/me/", views.Me.as_view(), name="me"),
    re_path(r"^users/(?P<email>[^/\x00]+)/$", views.OneUser.as_view(), name="user"),
    re_path(
        r"^users/(?P<email>[^/\x00]+)/invitation/$",
        views.Invitation.as_view(),
        name="invitation",
    ),
    path("roles/", views.Roles.as_view(), name="roles"),
    re_path(r"^roles/(?P<name>[^\x00]+)/$", views.OneRole.as_view(), name="role"),
    path("tokens/", views.Tokens.as_view(), name="tokens"),
    path("tokens/<uuid:token_id>/", views.OneToken.as_view(), name="token"),
    path("apply/", views.Apply.as_view(), name="apply"),
]
