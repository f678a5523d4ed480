"""Addresses of one's own pages, below /settings/."""

from django.urls import path

from identity.web import language, tokens

urlpatterns = [
    path("language", language.Language.as_view(), name="language"),
    path("tokens", tokens.Tokens.as_view(), name="tokens-page"),
    path(
        "tokens/<uuid:token_id>/revoke", tokens.Revocation.as_view(), name="token-revoke-page"
    ),
]
