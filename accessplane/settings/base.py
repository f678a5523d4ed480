"""What every way of running Access Plane shares. The environment is read here and beside here."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from accessplane.lib import addresses
from accessplane.lib.durations import parse_duration
from identity import proof
from policy.verdicts import CheckState
from requests_app.states import GrantState, RequestState

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before Django's admin, whose templates it replaces
    "accessplane.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "django_htmx",
    "django_celery_beat",
    "accessplane.apps.AccessPlaneConfig",
    "audit",
    "identity",
    "policy",
    "requests_app",
    "reviews",
    "chatops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "accessplane.compressing.CompressedPages",
    "accessplane.content_policy.ContentPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accessplane.content_policy.permissions_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accessplane.languages.Languages",  # after it knows who reads
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accessplane.live.LivePages",
    "accessplane.rest.idempotency.IdempotentPosts",
]

ROOT_URLCONF = "accessplane.urls"
ASGI_APPLICATION = "accessplane.asgi.application"
WSGI_APPLICATION = "accessplane.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accessplane.navigation.shell",
            ]
        },
    }
]

# --- people -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "identity.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # `identity.stages` does it
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
SOCIALACCOUNT_ADAPTER = "identity.connecting.SocialAdapter"
MFA_ADAPTER = "identity.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from documents or a directory
MFA_TOTP_ISSUER = "Access Plane"
ACCOUNT_RATE_LIMITS = {
    "login": env.str("ACCESSPLANE_THROTTLE_SIGN_IN", default="10/m/ip"),
    "login_failed": "10/m/ip,5/5m/key",
}

# --- language, time, files ----------------------------------------------------------------------

# What programs, commands and the log speak; pages and messages choose (accessplane/languages.py).
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
# Of messages, and of pages whose reader's language is not known or not there.
ACCESSPLANE_LANGUAGE = env.str("ACCESSPLANE_LANGUAGE", default=LANGUAGE_CODE)
if ACCESSPLANE_LANGUAGE not in dict(LANGUAGES):
    raise ImproperlyConfigured(f"ACCESSPLANE_LANGUAGE is one of {', '.join(dict(LANGUAGES))}.")
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- safety -------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Nothing from elsewhere, nothing inline, and nobody frames a page (docs/explanation/pages.md).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Pages that others wrote, by the beginning of their path: what is looser for each, and why.
ACCESSPLANE_CONTENT_POLICIES = {
    # Swagger UI styles its elements one by one.
    "/api/v1/docs/": {"style-src": [SELF, UNSAFE_INLINE]},
    # Unfold's pages stand on Alpine, which evaluates texts, and style elements in the page.
    "/admin/": {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]},
}
ACCESSPLANE_PERMISSIONS_POLICY = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "browsing-topics=(), clipboard-write=(self), publickey-credentials-get=(self), "
    "publickey-credentials-create=(self)"
)

# --- mail ---------------------------------------------------------------------------------------

EMAIL_TIMEOUT = 10

# --- REST ---------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accessplane.rest.authentication.BearerToken",
        "accessplane.rest.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["accessplane.rest.rendering.FastJSON"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "accessplane.rest.negotiation.OneForm",
    "DEFAULT_PARSER_CLASSES": ["accessplane.rest.parsers.StrictJSON"],
    "DEFAULT_PAGINATION_CLASS": "accessplane.rest.pagination.Cursor",
    "DEFAULT_SCHEMA_CLASS": "accessplane.rest.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["accessplane.rest.throttling.PerToken"],
    "DEFAULT_THROTTLE_RATES": {"token": env.str("ACCESSPLANE_THROTTLE_TOKEN", default="50/s")},
    "EXCEPTION_HANDLER": "accessplane.rest.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Access Plane",
    "DESCRIPTION": "Just-in-time access: ask, decide, and the grant that opens and closes by itself.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RequestState": [state.value for state in RequestState],
        "GrantState": [state.value for state in GrantState],
        "CheckState": [state.value for state in CheckState],
        "Decision": ["APPROVE", "DENY", "COMMENT"],
        "ForcedState": ["APPROVED", "DENIED"],
        "GrantVia": ["static", "grant"],
    },
}

# --- the admin ----------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Access Plane",
    "SITE_HEADER": "Access Plane",
    "SITE_SUBHEADER": "Admin",
    "SITE_URL": "/",
    "SITE_ICON": lambda _request: static("img/icon.svg"),
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("img/icon.svg"),
        }
    ],
    "STYLES": [lambda _request: static("css/admin.css")],
    "SHOW_VIEW_ON_SITE": False,
    "THEME": "accessplane.look.theme_of",
    "ACCOUNT": {"navigation": [{"title": "Notifications", "link": "/notifications"}]},
    "COLORS": {
        # Indigo, as on the pages: 600 in the light, 400 in the dark.
        "primary": {
            "50": "oklch(96.2% .018 272.314)",
            "100": "oklch(93% .034 272.788)",
            "200": "oklch(87% .065 274.039)",
            "300": "oklch(78.5% .115 274.713)",
            "400": "oklch(67.3% .182 276.935)",
            "500": "oklch(67.3% .182 276.935)",
            "600": "oklch(51.1% .262 276.966)",
            "700": "oklch(45.7% .24 277.023)",
            "800": "oklch(39.8% .195 277.366)",
            "900": "oklch(35.9% .144 278.697)",
            "950": "oklch(25.7% .09 281.288)",
        }
    },
}

# --- background work ----------------------------------------------------------------------------

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "audit-drain": {"task": "audit.drain", "schedule": 2.0},
    "requests-keep-time": {"task": "requests_app.keep_time", "schedule": 2.0},
    "chatops-send-due": {"task": "chatops.send_due", "schedule": 2.0},
    "reviews-ask-due": {"task": "reviews.ask_due", "schedule": 2.0},
}

# --- ours ---------------------------------------------------------------------------------------

ACCESSPLANE_PUBLIC_URL = env.str("ACCESSPLANE_PUBLIC_URL", default="http://127.0.0.1:8000")
# Who may read /metrics; without a token, only the machine of an embedded plane.
ACCESSPLANE_METRICS_TOKEN = env.str("ACCESSPLANE_METRICS_TOKEN", default="")
# Hosts, addresses and networks that may be called although they are not public.
ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(
    env.list("ACCESSPLANE_OUTBOUND_ALLOW", default=[])
)
ACCESSPLANE_IS_FLEET = False
# How the relay is woken after a commit: "task" sends audit.drain, "inline" drains at once.
ACCESSPLANE_RELAY_WAKE = "task"
# Which functions a workflow document may name: they run on this machine.
ACCESSPLANE_WORKFLOW_CALLABLES = env.list("ACCESSPLANE_WORKFLOW_CALLABLES", default=[])
# Labels of roles that nobody approves without a second factor, and for how long a proof is fresh.
ACCESSPLANE_FACTOR_DEMAND = proof.demand_of(
    env.list("ACCESSPLANE_FACTOR_FOR", default=[]),
    env.str("ACCESSPLANE_FACTOR_FRESH", default="10m"),
)
# Whether nobody signs in by password before the address is confirmed by a link sent to it.
ACCESSPLANE_CONFIRM_ADDRESSES = env.bool("ACCESSPLANE_CONFIRM_ADDRESSES", default=False)
# For how long the link of an invitation works.
ACCESSPLANE_INVITATION_TTL = parse_duration(env.str("ACCESSPLANE_INVITATION_TTL", default="3d"))
# Seconds between two looks at the ledger, while a process has readers of the event stream.
ACCESSPLANE_STREAM_LOOK_EVERY = 0.1
ACCESSPLANE_STREAMS_PER_USER = env.int("ACCESSPLANE_STREAMS_PER_USER", default=100)
# Where an operator's own sentences stand, in place of those of templates/chatops/messages.
ACCESSPLANE_TEMPLATES = env.str("ACCESSPLANE_TEMPLATES", default="")
# `spec.password` of a user document is for demonstrations only.
ACCESSPLANE_PASSWORDS_FROM_DOCUMENTS = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("ACCESSPLANE_LOG_LEVEL", default="INFO")},
}
