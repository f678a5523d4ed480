"""Addresses below /accounts/: allauth's, but for those that would go round the documents, and those
of which the log must know."""

from django.urls import URLPattern, include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from identity.web import addresses, invitations, sessions, views
from identity.web.late import late

_MFA = "allauth.mfa"


def _own(route: str, view: str, name: str) -> URLPattern:
    return path(route, late(f"identity.web.factors.{view}", as_view=True), name=name)


# All of `allauth.mfa.urls`, which would load its views at once.
_factors = [
    path("", late(f"{_MFA}.base.views.index"), name="mfa_index"),
    path("authenticate/", late(f"{_MFA}.base.views.authenticate"), name="mfa_authenticate"),
    path(
        "reauthenticate/", late(f"{_MFA}.base.views.reauthenticate"), name="mfa_reauthenticate"
    ),
    path("go-on/", late("identity.web.factors.GoOn", as_view=True), name="go-on-page"),
    _own("totp/activate/", "AddApp", "mfa_activate_totp"),
    _own("totp/deactivate/", "RemoveApp", "mfa_deactivate_totp"),
    path("webauthn/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    _own("webauthn/add/", "AddPasskey", "mfa_add_webauthn"),
    _own("webauthn/reauthenticate/", "ProveByPasskey", "mfa_reauthenticate_webauthn"),
    _own("webauthn/keys/<int:pk>/remove/", "RemovePasskey", "mfa_remove_webauthn"),
    path(
        "webauthn/keys/<int:pk>/edit/",
        late(f"{_MFA}.webauthn.views.edit_webauthn"),
        name="mfa_edit_webauthn",
    ),
    path(
        "webauthn/login/",
        late(f"{_MFA}.webauthn.views.login_webauthn"),
        name="mfa_login_webauthn",
    ),
    path(
        "recovery-codes/",
        late(f"{_MFA}.recovery_codes.views.view_recovery_codes"),
        name="mfa_view_recovery_codes",
    ),
    _own("recovery-codes/generate/", "RenewRecoveryCodes", "mfa_generate_recovery_codes"),
    path(
        "recovery-codes/download/",
        late(f"{_MFA}.recovery_codes.views.download_recovery_codes"),
        name="mfa_download_recovery_codes",
    ),
]

_oidc = [
    path(
        "login/",
        late("identity.web.sso.start"),
        {"speaks": "oidc"},
        name="openid_connect_login",
    ),
    path("login/callback/", late("identity.web.sso.back"), name="openid_connect_callback"),
]

_saml = [
    path("login/", late("identity.web.sso.start"), {"speaks": "saml"}, name="saml_login"),
    # The provider's page posts here: what it brings is signed, and the session stays out of it.
    path("acs/", csrf_exempt(late("identity.web.saml.consume")), name="saml_acs"),
    path("finish/", late("identity.web.saml.finish"), name="saml_finish"),
    path("metadata/", late("identity.web.saml.metadata"), name="saml_metadata"),
]

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("oidc/<slug:provider_id>/", include(_oidc)),
    path("saml/<slug:provider_id>/", include(_saml)),
    path(
        "confirm-email/", addresses.LinkSent.as_view(), name="account_email_verification_sent"
    ),
    path(
        "confirm-email/<str:key>/",
        addresses.Confirmation.as_view(),
        name="account_confirm_email",
    ),
    path("invitation/<str:secret>/", invitations.Invited.as_view(), name="invitation-page"),
    # An e-mail address comes from documents or a directory: nobody gives oneself another one.
    re_path(r"^(?:email|login/code)/", views.closed),
    path("sessions/", sessions.Sessions.as_view(), name="sessions-page"),
    path("sessions/end-others/", sessions.EndOthers.as_view(), name="sessions-end-others-page"),
    path("sessions/<int:session_id>/end/", sessions.End.as_view(), name="session-end-page"),
    path("2fa/", include(_factors)),
    path("", include("allauth.account.urls")),
]
