"""Settings of a fleet: any number of processes on PostgreSQL and Redis, behind TLS."""

from urllib.parse import urlsplit

from accessplane.settings.base import *  # noqa: F403
from accessplane.settings.base import ACCESSPLANE_PUBLIC_URL, BASE_DIR, MIDDLEWARE, env

# `accessplane.checks` refuses what is unsafe for a fleet.
ACCESSPLANE_IS_FLEET = True

SECRET_KEY = env.str("ACCESSPLANE_SECRET_KEY")
# Keys of before, newest first: what they signed stays valid while they are listed.
SECRET_KEY_FALLBACKS = env.list("ACCESSPLANE_SECRET_KEY_FALLBACKS", default=[])
DEBUG = False

# --- addresses ----------------------------------------------------------------------------------

_public = urlsplit(ACCESSPLANE_PUBLIC_URL)
ALLOWED_HOSTS = env.list("ACCESSPLANE_ALLOWED_HOSTS", default=[_public.hostname or ""])
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

# A platform asks by address and over HTTP: its questions are answered before all else.
MIDDLEWARE = ["accessplane.probes.Probes", *MIDDLEWARE]

# --- TLS ----------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = True
# The proxy in front must set this header itself and drop one that came from outside.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("ACCESSPLANE_HSTS_SECONDS", default=365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # a preload list is for the domain's owner to decide
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

# --- data ---------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # back to the pool after each request
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": env.int("ACCESSPLANE_DATABASE_POOL", default=16),
        "timeout": 10,
    }

REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "accessplane",
    }
}

# --- background work ----------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)

# --- mail and files -----------------------------------------------------------------------------

vars().update(env.email("EMAIL_URL", default="smtp://localhost:25"))
DEFAULT_FROM_EMAIL = env.str(
    "ACCESSPLANE_MAIL_FROM", default=f"access-plane@{_public.hostname}"
)

STATIC_ROOT = env.str("ACCESSPLANE_STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "accessplane.static_files.HashedFiles"},
}
