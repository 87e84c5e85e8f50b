"""All settings, read from the environment.

With an empty environment these are the settings of `make run`: SQLite, the embedded Redis and
local media, everything under `var/`. Production sets LECTERN_MODE=production and the variables
of docs/operations.md; it refuses to start half-configured. Besides, only the supervisor of
`make run` reads the environment, and the media package, which knows no settings, FFMPEG_BINARY
and MEDIA_SANDBOX.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.databases import database_settings
from config.embedded import redis_socket
from config.footer import site_fields
from config.logs import log_settings
from config.notices import channel_settings, mail_settings, quiet_setting
from config.retention import retention_days
from config.schedule import SCHEDULE
from config.security import admin_policy, embed_sites, provider_origins, public_policy
from config.signin import password_length, password_validators, provider_settings, sms_settings
from config.storage import storages

env = environ.FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parent.parent
LECTERN_VAR = Path(env.str("LECTERN_VAR", default=str(BASE_DIR / "var"))).resolve()
LECTERN_MODE = env.str("LECTERN_MODE", default="demo")
if LECTERN_MODE not in {"demo", "test", "production"}:
    raise ImproperlyConfigured("LECTERN_MODE must be demo, test or production.")
PRODUCTION = LECTERN_MODE == "production"
DEMO = LECTERN_MODE == "demo"
DEBUG = env.bool("DEBUG", default=False)
# How many demo lectures are made; fewer for tests in a browser.
DEMO_LECTURES = env.int("DEMO_LECTURES", default=100)


def secret(name: str) -> str:
    """A secret from the environment; outside production one that is kept under var/."""
    value = env.str(name, default="")
    if value or PRODUCTION:
        return value
    from config.secrets import local_secret

    return local_secret(LECTERN_VAR / "secrets", name)


SECRET_KEY = secret("SECRET_KEY")
# Former keys, newest first: what they signed and encrypted can still be read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Signing keys of media addresses by key id; two at a time allow rotation (docs/operations.md).
DELIVERY_KEYS = {
    "a": secret("DELIVERY_KEY_A"),
    **({"b": env.str("DELIVERY_KEY_B")} if env.str("DELIVERY_KEY_B", default="") else {}),
}
DELIVERY_ACTIVE_KEY = env.str("DELIVERY_ACTIVE_KEY", default="a")
DELIVERY_LIFETIME = env.int("DELIVERY_LIFETIME", default=7200)
# Seals the audit log; never changed while the log lives (docs/audit.md).
AUDIT_KEY = secret("AUDIT_KEY")
# Where the end of the log is remembered outside the database; empty: not on this host.
AUDIT_ANCHOR = env.str("AUDIT_ANCHOR", default=str(LECTERN_VAR / "audit" / "anchor"))

if PRODUCTION:
    _secrets = {f"DELIVERY_KEY_{key.upper()}": value for key, value in DELIVERY_KEYS.items()}
    for name, value in {"SECRET_KEY": SECRET_KEY, "AUDIT_KEY": AUDIT_KEY, **_secrets}.items():
        if len(value) < 32:
            raise ImproperlyConfigured(f"{name} must be set to at least 32 random characters.")
    if DELIVERY_ACTIVE_KEY not in DELIVERY_KEYS:
        raise ImproperlyConfigured("DELIVERY_ACTIVE_KEY names a key that is not set.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "config",
    "lms.demo",
    "lms.home",
    "lms.reports",
    "lms.classes",
    "lms.gatherings",
    "lms.ledger",
    "lms.watching",
    "cms.programme",
    "cms.enquiries",
    "cms",
    "cms.review",
    "media_pipeline",
    "organizations",
    "organizations.signin.wecom",
    "notices",
    "audit",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "treebeard",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.headers.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "organizations.auditing.denials.Denials",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.headers.ContentPolicy",
    "organizations.signin.sessions.SessionLimits",
    "organizations.signin.second_factor.gate.SecondFactorGate",
    "config.nul.NoNul",
    "cms.one_site.OneSite",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "lms.home.context.site",
                "lms.demo.progress.preparing",
            ],
        },
    },
]

# Databases and caches ------------------------------------------------------------------------

DATABASES = {
    "default": database_settings(
        env.db_url("DATABASE_URL", default=f"sqlite:///{LECTERN_VAR / 'db.sqlite3'}")
    ),
}

REDIS_URL = env.str("REDIS_URL", default=f"unix://{redis_socket(LECTERN_VAR)}")
CACHES = {
    "default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": REDIS_URL},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Files ---------------------------------------------------------------------------------------

MEDIA_ROOT = LECTERN_VAR / "media"
MEDIA_URL = "/media/"  # private: no view serves it
INCOMING_ROOT = LECTERN_VAR / "incoming"
WORK_ROOT = LECTERN_VAR / "work"  # scratch of this host's workers
STATIC_ROOT = LECTERN_VAR / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/hls", BASE_DIR / "node_modules" / "hls.js" / "dist"),
    ("vendor/tus", BASE_DIR / "node_modules" / "tus-js-client" / "dist"),
]
STORAGES = storages(
    env.str("STORAGE_URL", default=""),
    media=MEDIA_ROOT,
    roster=LECTERN_VAR / "roster",
    claims=LECTERN_VAR / "claims",
)
FFMPEG_BINARY = env.str("FFMPEG_BINARY", default="")
if env.str("MEDIA_SANDBOX", default="") not in {"", "auto", "bubblewrap", "limits"}:
    raise ImproperlyConfigured("MEDIA_SANDBOX must be auto, bubblewrap or limits.")
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=4 * 1024**3)
UPLOAD_EXPIRES_HOURS = env.int("UPLOAD_EXPIRES_HOURS", default=48)
MEDIA_MAX_SECONDS = env.int("MEDIA_MAX_SECONDS", default=4 * 3600)
# Micro lectures: longer ones are taken, with advice to shorten them.
LECTURE_ADVISED_SECONDS = env.int("LECTURE_ADVISED_SECONDS", default=15 * 60)
# Recordings that one worker process transcodes at a time; ffmpeg itself uses every core.
TRANSCODE_SLOTS = env.int("TRANSCODE_SLOTS", default=1)
# Bytes of memory for them and for the preview; 0 takes what the host or container leaves.
TRANSCODE_MEMORY = env.int("TRANSCODE_MEMORY", default=0)
# Dotted path to a speech recogniser (media_pipeline.captions.recognition); none by default.
SPEECH_RECOGNISER = env.str("SPEECH_RECOGNISER", default="")
# A download pack: how long its address lasts (a slow line takes hours), and how long it is kept.
DOWNLOAD_LIFETIME = env.int("DOWNLOAD_LIFETIME", default=12 * 3600)
DOWNLOAD_KEEP_DAYS = env.int("DOWNLOAD_KEEP_DAYS", default=7)
ORIGINAL_KEEP_DAYS = env.int("ORIGINAL_KEEP_DAYS", default=365)
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024**2
# A list of a big unit is one tick a person.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
# Workbooks: what an upload may hold, and how long a made export can be fetched.
ROSTER_MAX_BYTES = env.int("ROSTER_MAX_BYTES", default=50 * 1024**2)
ROSTER_MAX_ROWS = env.int("ROSTER_MAX_ROWS", default=250_000)
# Rows of one file that may meet people of other units before its check stops.
ROSTER_MAX_FOREIGN = env.int("ROSTER_MAX_FOREIGN", default=50)
ROSTER_EXPORT_HOURS = env.int("ROSTER_EXPORT_HOURS", default=24)
# 32 random bytes as base64; seals what deploy/backup.sh writes.
BACKUP_KEY = env.str("BACKUP_KEY", default="")

# How many days each kind of personal data is kept (docs/privacy.md).
RETENTION = retention_days(env)

# People --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["organizations.signin.backend.AccountBackend"]
PASSWORD_MIN_LENGTH = password_length(env)
AUTH_PASSWORD_VALIDATORS = password_validators(PASSWORD_MIN_LENGTH)
if LECTERN_MODE == "test":
    # A third of a second for each account would be most of the suite.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:index"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "organizations.signin.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {
    "login": "organizations.signin.forms.SignInForm",
    "request_login_code": "organizations.signin.forms.SmsRequestForm",
    "confirm_login_code": "organizations.signin.forms.SmsCodeForm",
    "change_password": "organizations.signin.forms.PasswordChangeForm",
}
# Mistakes are counted in organizations.signin.limits; these only keep a flood out. A whole
# village shares one address.
ACCOUNT_RATE_LIMITS = {
    "login": "900/m/ip",
    "login_failed": None,
    "request_login_code": None,
    "reauthenticate": "20/m/user",
    "change_password": "10/m/user",
}
# Days that a one-time credential is valid.
CREDENTIAL_DAYS = env.int("CREDENTIAL_DAYS", default=7)
_sms = sms_settings(env, LECTERN_MODE)
SMS_BACKEND, SMS_GATEWAY = _sms["SMS_BACKEND"], _sms["SMS_GATEWAY"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = bool(SMS_BACKEND)
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 5 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
SOCIALACCOUNT_ADAPTER = "organizations.signin.social.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = provider_settings(env, LECTERN_MODE)
# Ways out of the house for messages, when none is taken, days before the end of a class.
MAIL = mail_settings(env, LECTERN_MODE)
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = MAIL["BACKEND"], MAIL["HOST"], MAIL["PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL["USER"], MAIL["PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = MAIL["TLS"], MAIL["SSL"], 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL["FROM"]
NOTICE_CHANNELS = channel_settings(
    sms=_sms, wecom="wecom" in SOCIALACCOUNT_PROVIDERS, mail=bool(MAIL["BACKEND"])
)
NOTICES_QUIET = quiet_setting(env)
NOTICES_CLASS_DAYS = env.int("NOTICES_CLASS_DAYS", default=7)
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
# Which browsers an account was signed in with; see organizations.signin.devices.
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"

# Sessions, second factors, cookies and headers --------------------------------------------------

SESSION_ENGINE = "organizations.signin.session_store"
# Seconds of idleness and seconds in all, by what a person's posts open: administration, reviewing
# and publishing; any other post; none.
SESSION_LIMITS = {
    "keeper": (env.int("SESSION_IDLE_KEEPER", default=30 * 60), 12 * 3600),
    "post": (env.int("SESSION_IDLE_POST", default=12 * 3600), 7 * 24 * 3600),
    "member": (env.int("SESSION_IDLE_MEMBER", default=14 * 24 * 3600), 30 * 24 * 3600),
}
SESSION_COOKIE_AGE = SESSION_LIMITS["member"][0]
MFA_ADAPTER = "organizations.signin.second_factor.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "generate_recovery_codes": "organizations.signin.second_factor.forms.PrintedCodesForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts have no mail address
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # phones' clocks
# A password or a factor counts so long before a sensitive act (second_factor.recent).
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60

# Browsers take a __Host- cookie over TLS only, from this very name, for the whole site. Without
# TLS, on a village's own network, the plain names still sign people in.
_prefix = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{_prefix}sessionid"
CSRF_COOKIE_NAME = f"{_prefix}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_prefix}language"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "organizations.signin.kept.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    # nginx sets both, whatever a client sends; gunicorn is reachable through nginx only.
    ALLAUTH_TRUSTED_CLIENT_IP_HEADER = "X-Real-IP"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SECURE_REFERRER_POLICY = "same-origin"
# Browsers only complain about it on addresses without TLS.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"  # the editor's own pages: SAMEORIGIN
# Origins that deliver recordings beside this one, and those that sign-in forms lead on to.
_media_origins = env.list("MEDIA_ORIGINS", default=[])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": public_policy(
        media_origins=_media_origins,
        form_origins=[
            *provider_origins(SOCIALACCOUNT_PROVIDERS),
            *env.list("SIGN_IN_ORIGINS", default=[]),
        ],
    ),
}
ADMIN_CONTENT_SECURITY_POLICY = admin_policy(media_origins=_media_origins)
# Sites of units that may show open lectures in a frame; questions to the API within a minute.
EMBED_SITES = embed_sites(env.list("EMBED_SITES", default=[]))
API_PER_MINUTE = env.int("API_PER_MINUTE", default=300)

# Language and time ---------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "wagtail"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True

# Wagtail -------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = env.str("SITE_NAME", default="微党课")
WAGTAILADMIN_BASE_URL = env.str("BASE_URL", default="http://localhost:8000")
WAGTAIL_CONTENT_LANGUAGES = WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文")]
WAGTAIL_ENABLE_UPDATE_CHECK = WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED, WAGTAIL_GRAVATAR_PROVIDER_URL = False, None
WAGTAIL_WORKFLOW_ENABLED, WAGTAILADMIN_COMMENTS_ENABLED = True, False
# A save counts: another recording voids the approvals. So nothing is saved that nobody pressed.
WAGTAIL_AUTOSAVE_INTERVAL = 0
# The final review publishes by itself (`cms.review`); Wagtail only shows where a lecture stands.
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.review.workflow_end.finished"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# Celery: messages are wake-ups, the TranscodeJob rows are the queue (ADR 0002) ----------------

_broker = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_URL = _broker
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A wake-up that cannot be sent fails at once instead of holding up a request for 6 s; the sweep
# repeats it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
    "socket_connect_timeout": 2,
}
CELERY_TASK_ROUTES = {"media_pipeline.tasks.transcode": {"queue": "transcode"}}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BEAT_SCHEDULE_FILENAME = str(LECTERN_VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

# What the site says of itself and of its processes ----------------------------------------------

SITE_FIELDS = site_fields(env, name=WAGTAIL_SITE_NAME, demo=DEMO)

LOGGING = log_settings(
    as_json=env.str("LOG_FORMAT", default="plain") == "json",
    level=env.str("LOG_LEVEL", default="INFO"),
)

# Figures for operators: where each worker serves them (host:port; empty: nowhere), and nginx's
# log of what it delivered, on a host that has both.
METRICS_ADDRESS = env.str("METRICS_ADDRESS", default="")
DELIVERY_LOG = env.str("DELIVERY_LOG", default="")
