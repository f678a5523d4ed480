"""Addresses below /api/v1/."""

from django.urls import path

from identity.api import views

urlpatterns = [
    path("users/", views.Users.as_view(), name="users"),
    path("users/me/", views.Me.as_view(), name="me"),
    path("users/<str:email>/", views.OneUser.as_view(), name="user"),
    path("roles/", views.Roles.as_view(), name="roles"),
    path("roles/<path:name>/", views.OneRole.as_view(), name="role"),
    path("tokens/", views.Tokens.as_view(), name="tokens"),
    path("tokens/<uuid:token_id>/", views.OneToken.as_view(), name="token"),
    path("apply/", views.Apply.as_view(), name="apply"),
]
