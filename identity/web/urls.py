"""Addresses below /accounts/: allauth's, but for those that would go round the documents."""

from django.urls import include, path, re_path

from identity.web import views

urlpatterns = [
    # An e-mail address comes from documents or a directory: nobody gives oneself another one.
    re_path(r"^(?:email|confirm-email|login/code)/", views.closed),
    path("", include("allauth.account.urls")),
]
