"""Settings of the tests: SQLite, or the PostgreSQL that DATABASE_URL names."""

from accessplane.settings.base import *  # noqa: F403
from accessplane.settings.base import REST_FRAMEWORK, env

SECRET_KEY = "only-for-tests-and-known-to-everybody-who-reads-this"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

DATABASES = {"default": env.db("DATABASE_URL", default="sqlite:///:memory:")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

CELERY_BROKER_URL = "memory://"
ACCESSPLANE_RELAY_WAKE = "inline"
ACCESSPLANE_PASSWORDS_FROM_DOCUMENTS = True
REST_FRAMEWORK = REST_FRAMEWORK | {
    # A suite calls faster than any person; the throttle's own test sets its rate.
    "DEFAULT_THROTTLE_RATES": {"token": "100000/s"}
}
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # allauth's word for none
