"""Limber's only settings file. Every variable stands in README.md with its default.

Read top to bottom; a bad value stops the start with the variable's name.
"""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.conf.locale import LANG_INFO

from clinic.headers import write_static
from operations import databases
from operations.log_lines import logging_config
from operations.secret_files import with_secret_files

env = environ.Env()
env.ENVIRON = with_secret_files(os.environ)
BASE_DIR = Path(__file__).resolve().parent.parent

# How this instance runs ----------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)  # invented patients may be loaded, sign-ins are printed; never for real patients
SECRET_KEY = env.str("SECRET_KEY")
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")  # what the QR code on a handout opens
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or [
    *("localhost", "127.0.0.1", "[::1]"),
    urlsplit(SITE_URL).hostname or "localhost",
]
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))  # everything that is written: database, static files

HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# The prefix makes a browser refuse such a cookie from any other host, or over an unsafe connection.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("__Host-session", "__Host-csrf") if HTTPS else ("sessionid", "csrftoken")
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script of ours reads the cookie
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000  # a note of a megabyte gets an answer beside its field
FILES_MAX_SIZE = 50_000_000  # bytes of all that one form sends, files included; only staff send any

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# What it is made of --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "clinic.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "simple_history",
    "accounts",
    "audit",
    "stretches",
    "patients",
    "prescriptions",
    "routines",
    "clinic",
    "operations",
]
MIDDLEWARE = [
    # These three write headers: outside of all that answers, so that files and refusals carry them, too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clinic.headers.IsolationMiddleware",
    "operations.health.HealthMiddleware",  # asked every few seconds: not worth a line in the log
    "operations.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.BodyLimitMiddleware",  # before anything reads what was sent
    "accounts.middleware.SessionLimitMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",  # closed by default
    "accounts.middleware.SecondStepMiddleware",
    "accounts.middleware.ActingMiddleware",  # who acts: told to the record and to the database
    "audit.middleware.ViewMiddleware",  # what a page has shown of whom
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.NeverStoredMiddleware",
    "accounts.middleware.OwnDeviceMiddleware",
    "accounts.replica.JustWroteMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # who shows it may read /metrics; without, there is no such page
if METRICS_TOKEN:
    INSTALLED_APPS += ["django_prometheus"]
    answers = MIDDLEWARE.index("operations.health.HealthMiddleware")
    MIDDLEWARE.insert(answers, "operations.metrics.MetricsMiddleware")
    MIDDLEWARE.insert(answers + 1, "django_prometheus.middleware.PrometheusBeforeMiddleware")
    MIDDLEWARE.append("django_prometheus.middleware.PrometheusAfterMiddleware")
ROOT_URLCONF = "clinic.urls"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # they name patients: end with the session
WSGI_APPLICATION = "clinic.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
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
                "csp.context_processors.nonce",
                "django.template.context_processors.i18n",
                "accounts.context.roles",
                "accounts.context.reading",
                "accounts.context.session_end",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"


# Database: SQLite to try it, PostgreSQL for patients -----------------------------------------------------------------
# How long a page waits for PostgreSQL before it says “later”; manage.py lets a statement take as long as it needs.
STATEMENT_TIMEOUT_SECONDS = env.int("STATEMENT_TIMEOUT_SECONDS", default=30)  # 0: no limit
LOCK_TIMEOUT_SECONDS = env.int("LOCK_TIMEOUT_SECONDS", default=5)  # also what keeps a migration from stopping everybody


def _database(url: dict[str, Any]) -> dict[str, Any]:
    return databases.configured(url, statement_seconds=STATEMENT_TIMEOUT_SECONDS, lock_seconds=LOCK_TIMEOUT_SECONDS)


# Pages and `send_due` connect as a role that owns nothing and sees what it says it acts for (accounts.acting). Commands
# about the whole database, which manage.py knows, connect as its owner, and say so for the whole connection.
COMMAND = sys.argv[1] if Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1 else ""
AS_OWNER = env.bool("AS_OWNER", default=False)
APPLICATION_DATABASE = env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'limber.sqlite3'}")
OWNER_DATABASE = env.db_url("OWNER_DATABASE_URL") if env.str("OWNER_DATABASE_URL", default="") else APPLICATION_DATABASE
DATABASES = {"default": _database(OWNER_DATABASE if AS_OWNER else APPLICATION_DATABASE)}
if AS_OWNER and DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"]["options"] += f" -c limber.reach=all -c limber.command={COMMAND}"
if env.str("REPLICA_DATABASE_URL", default=""):
    DATABASES["replica"] = {**_database(env.db_url("REPLICA_DATABASE_URL")), "TEST": {"MIRROR": "default"}}
DATABASE_ROUTERS = ["accounts.replica.Router"]

# Backups: docs/backup.md -------------------------------------------------------------------------------------------
BACKUP_DIR = Path(env.str("BACKUP_DIR")) if env.str("BACKUP_DIR", default="") else None  # on another disk or machine
BACKUP_KEY_FILE = Path(env.str("BACKUP_KEY_FILE")) if env.str("BACKUP_KEY_FILE", default="") else None
BACKUP_KEEP = env.int("BACKUP_KEEP", default=14)

# Who comes in --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.SessionOwnersBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people come by invitation, never by sign-up
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_ADAPTER = "accounts.adapter.PasskeyAdapter"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds after showing once more who one is, and after signing in
ACCOUNT_RATE_LIMITS = False  # all of it is counted in accounts.limits, which holds over several workers
# How many proxies in front of us write X-Forwarded-For: sign-ins are counted by where they come from.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1 if HTTPS else 0)
ACCOUNT_FORMS = {  # names of forms, whatever they ask for
    "change_password": "accounts.forms.signing_in.PasswordChangeForm",
    "confirm_login_code": "accounts.forms.signing_in.MailedCodeForm",
    "request_login_code": "accounts.forms.signing_in.CodeByMailForm",
    "reset_password": "accounts.forms.signing_in.PasswordResetForm",
}
REQUIRE_STAFF_MFA = env.bool("REQUIRE_STAFF_MFA", default=not DEMO)  # whoever works in a clinic shows a second proof
SEALING_KEYS = env.list("SEALING_KEYS", default=[])  # what seals those proofs in the database; the first one seals
MFA_SUPPORTED_TYPES = ["webauthn", "totp"]  # recovery codes are made for staff only: accounts.second_step_urls
MFA_TOTP_ISSUER = "Limber"
MFA_TOTP_TOLERANCE = 1  # a clock may be 30 s wrong; no code works twice all the same
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a finger, a face or a PIN: whoever finds the phone is not let in
MFA_ALLOW_UNVERIFIED_EMAIL = True  # some patients have no address; an invitation is what proves who somebody is
MFA_FORMS = {
    "add_webauthn": "accounts.forms.passkeys.PasskeyAddForm",
    "edit_webauthn": "accounts.forms.passkeys.PasskeyEditForm",
    "login_webauthn": "accounts.forms.passkeys.PasskeyLoginForm",
    "reauthenticate_webauthn": "accounts.forms.passkeys.PasskeyReauthenticateForm",
    "authenticate_webauthn": "accounts.forms.passkeys.PasskeyStepForm",
    "activate_totp": "accounts.forms.second_step.AppAddForm",
    "authenticate": "accounts.forms.second_step.CodeForm",
    "reauthenticate": "accounts.forms.second_step.CodeAgainForm",
}
SESSION_ENGINE = "accounts.sessions"  # which ends them, sooner than the cookie
SESSION_COOKIE_AGE = 24 * 3600
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20  # seconds for each step of a hand-over; all of them have to fit into accounts.models.outbox.LEASE
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="limber@localhost")

# What is told to people: written to the outbox, sent by `manage.py send_due` -----------------------------------------
OUTBOX_COMPOSERS = {  # kind of message: who finds its words when it is sent
    "needs_you": "accounts.outbox.needs_you",
    "invitation": "patients.inviting.compose",
    "staff_invitation": "accounts.inviting.compose",
    "reminder": "routines.reminders.compose",
}
OUTBOX_CHANNELS = {"mail": "accounts.mailing.MailChannel", "push": "routines.push.PushChannel"}
OUTBOX_SCHEDULERS = [  # who writes messages ahead, or tidies up; called with the moment before a pass
    "operations.models.beat_of_sender",
    "routines.reminders.plan",
    "accounts.limits.forget",
    "accounts.drafts.forget",
    "audit.sealing.seal",
    "clinic.privacy.retention.forget",
]
AUDIT_HEADS = env.str("AUDIT_HEADS", default="")  # a file, better on another machine: a line a day for verify_audit
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="")  # `manage.py make_push_key`; without, push is not offered
VAPID_SUBJECT = env.str("VAPID_SUBJECT", default="") or f"mailto:{DEFAULT_FROM_EMAIL}"  # whom a push service writes to
# The push services of the browsers: a subscription makes us talk to no other address.
PUSH_HOSTS = env.list(
    "PUSH_HOSTS",
    default=["fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com"],
)

# How long what is stored of patients stays ---------------------------------------------------------------------------
RECORD_KEPT_YEARS = env.int("RECORD_KEPT_YEARS", default=10)  # after the end of treatment; BGB § 630f (3): 10 years
RECORD_KEPT_UNTIL_AGE = env.int("RECORD_KEPT_UNTIL_AGE", default=26)  # of who was treated as a child; 0: as adults
# Which records were erased, by digests only, outside of the database: a restored backup forgets them again.
ERASURE_LEDGER = Path(env.str("ERASURE_LEDGER", default=str(VAR_DIR / "erasures.jsonl")))

# What the catalogue, which knows of no patients, asks before it is changed ------------------------------------------
CATALOGUE_IMPACT = "prescriptions.knowledge.CatalogueChange"
# Who changed a stretch last does not publish it: a second pair of eyes does.
SECOND_REVIEWER = env.bool("SECOND_REVIEWER", default=not DEMO)

# Words, times, files -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LOCALE_PATHS = [BASE_DIR / "locale"]
TRANSLATED = sorted(
    path.parent.parent.name.replace("_", "-").lower() for path in LOCALE_PATHS[0].glob("*/LC_MESSAGES/*.mo")
)
LANGUAGES = [  # a language is a folder: docs/languages.md
    (LANGUAGE_CODE, "English"),
    *((code, LANG_INFO.get(code, {"name_local": code})["name_local"].capitalize()) for code in TRANSLATED),
]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ADD_HEADERS_FUNCTION = write_static
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site embeds a file of ours
MEDIA_ROOT = Path(env.str("MEDIA_DIR", default=str(VAR_DIR / "media")))  # photos of stretches; served by a view
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "clinic.storage.BundledManifestStorage"
    },
}
LOG_FORMAT = env.str("LOG_FORMAT", default="debug" if DEBUG else "text")
LOGGING = logging_config(form=LOG_FORMAT, level=env.str("LOG_LEVEL", default="INFO").upper())
