"""Django's settings, all from `webapp.config`. An invalid environment variable exits with a one-line message."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import django_stubs_ext
from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from webapp.config.environment import BASE_DIR, PREFIX, SettingError, config_read
from webapp.config.hints import environment_hints
from webapp.config.secret_key import secret_key_of
from webapp.observability.logs import logging_config, structlog_configure
from webapp.stores.settings import (
    broker_settings,
    cache_settings,
    database_settings,
    request_threads,
    storage_settings,
)

django_stubs_ext.monkeypatch()  # allows `ModelAdmin[Product]` outside of annotations

try:
    CONFIG = config_read(os.environ)
    (CONFIG.data_dir / "static").mkdir(parents=True, exist_ok=True)
    SECRET_KEY = CONFIG.secret_key or secret_key_of(CONFIG.data_dir)
except SettingError as error:
    sys.exit(str(error))
except OSError as error:
    sys.exit(f"{PREFIX}DATA_DIR: {error.filename}: {error.strerror}; choose a writable folder")

ENVIRONMENT_HINTS = environment_hints(os.environ)
DEBUG = CONFIG.debug
DATA_DIR = CONFIG.data_dir
ALLOWED_HOSTS = list(CONFIG.allowed_hosts)

INSTALLED_APPS = [
    "webapp",
    "webapp.accounts",
    "webapp.sites",
    "webapp.catalog",
    "annotation",
    "webapp.registry",
    "webapp.clicks",
    "webapp.search",
    "webapp.studio",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "channels",
    "django_prometheus",
    "django_structlog",
    "django_vite",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
if (BASE_DIR / "tools" / "apps.py").is_file():  # only in a checkout; the images have no tools
    INSTALLED_APPS.append("tools")

MIDDLEWARE = [
    "webapp.http.request_ids.RequestIdMiddleware",
    "webapp.accounts.logins.LoginRefusalMiddleware",
    "webapp.http.security.ProbeHostMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "webapp.http.security.ContentSecurityPolicyMiddleware",
    "webapp.http.input.InputMiddleware",
    "webapp.sites.cors.SiteKeyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webapp.http.limits.budget.LargeBodiesMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "webapp.observability.metrics.RequestMetricsMiddleware",
]

ROOT_URLCONF = "webapp.urls"
ASGI_APPLICATION = "webapp.asgi.application"
WSGI_APPLICATION = "webapp.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.pages.context.release",
                "webapp.pages.documentation.documentation",
            ],
            "builtins": ["webapp.templatetags.brand"],
        },
    },
]

# Stores: one variable each
DATABASES = {"default": database_settings(CONFIG)}
REQUEST_THREADS = request_threads(CONFIG)
CACHES = {"default": cache_settings(CONFIG)}
STORAGES = storage_settings(CONFIG)
MEDIA_URL = "/media/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Static files: Vite puts a hash into the names of ours
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = True  # a site on one machine needs no collectstatic
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9a-zA-Z_-]{8,12}\.(js|css|woff2|svg|webp|png)$"
DJANGO_VITE = {
    "default": {
        "dev_mode": bool(CONFIG.vite_dev_url),
        "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json",
        **CONFIG.vite_dev_server,
    }
}

# Celery
for _name, _setting in broker_settings(CONFIG).items():
    globals()[f"CELERY_{_name}"] = _setting
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_IGNORE_RESULT = True  # the outcome of a job is in the database
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "catalog-imports-reap": {"task": "webapp.catalog.jobs.imports_reap_job", "schedule": 30.0},
    "catalog-feeds-reap": {
        "task": "webapp.catalog.jobs.feeds_reap_job",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "catalog-pictures-reap": {
        "task": "webapp.catalog.jobs.pictures_reap_job",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "catalog-fits-refresh": {
        "task": "webapp.catalog.jobs.fits_refresh_job",
        "schedule": 60.0,  # after an upgrade of the vocabulary, or a renamed category
        "options": {"expires": 60},
    },
    "release-follow-catalogue": {
        "task": "webapp.registry.releases.jobs.release_follow_catalogue_job",
        "schedule": 5.0,  # changes wake it at once; this finds writes that bypass the ORM
        "options": {"queue": "index", "expires": 5},
    },
    "index-builds-reap": {
        "task": "webapp.registry.indexes.jobs.index_builds_reap_job",
        "schedule": 30.0,
        "options": {"queue": "index", "expires": 30},
    },
    "gates-reap": {
        "task": "webapp.registry.gates.jobs.gates_reap_job",
        "schedule": 30.0,
        "options": {"queue": "index", "expires": 30},
    },
    "training-runs-reap": {
        "task": "webapp.registry.runs.jobs.runs_reap_job",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "training-rules": {
        "task": "webapp.registry.runs.jobs.retrain_rules_job",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "annotation-leases-expire": {"task": "annotation.jobs.leases_expire_job", "schedule": 15.0},
    "annotation-material-reap": {
        "task": "annotation.jobs.material_imports_reap_job",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "annotation-rounds-reap": {
        "task": "annotation.jobs.pair_rounds_reap_job",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "annotation-aggregation": {"task": "annotation.jobs.aggregations_refresh_job", "schedule": 600.0},
    "shares-expire": {"task": "webapp.search.jobs.shares_expire_job", "schedule": crontab(hour=2, minute=7)},
    "clicks-expire": {"task": "webapp.clicks.jobs.clicks_expire_job", "schedule": crontab(hour=2, minute=17)},
    "annotation-expire": {
        "task": "annotation.jobs.strangers_expire_job",
        "schedule": crontab(hour=2, minute=27),
    },
    "logins-expire": {"task": "webapp.accounts.jobs.logins_expire_job", "schedule": crontab(minute=47)},
    "annotation-check": {
        "task": "annotation.jobs.counts_check_job",
        "schedule": crontab(hour=3, minute=17),
    },
}

# Accounts and security
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "webapp.accounts.logins.LoginRateBackend",
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["webapp.accounts.hashing.QueuedPBKDF2PasswordHasher"]
LOGINS_PER_MIN = CONFIG.login_rate
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "admin:login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
# Never by name alone: anyone who knows an operator's name could lock them out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address"]
# Attempts while locked out write no rows and do not extend the lockout.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "webapp.http.client_address.lockout_address"
AXES_VERBOSE = False
CSRF_TRUSTED_ORIGINS = list(CONFIG.csrf_trusted_origins)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = CONFIG.secure
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.proxy_count else None
SECURE_HSTS_SECONDS = 31_536_000 if CONFIG.secure else 0
# Not ours to decide for other sites on the same domain.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # which demand these two
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
DOCUMENTATION_DIR = BASE_DIR / "site"  # built by `make docs`
HASH_CODES = CONFIG.hash_codes
MEDIA_ORIGIN = CONFIG.media_origin
VITE_DEV_URL = CONFIG.vite_dev_url

# Limits on requests
DATA_UPLOAD_MAX_MEMORY_SIZE = CONFIG.json_max_bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_PERMISSIONS = 0o644
JSON_MAX_BYTES = CONFIG.json_max_bytes
IMAGE_MAX_BYTES = CONFIG.image_max_bytes
FEED_MAX_BYTES = CONFIG.feed_max_bytes
REMOTE_FEED_MAX_BYTES = CONFIG.remote_feed_max_bytes
INDEX_THREADS = CONFIG.index_threads
PRIVATE_PICTURE_HOSTS = CONFIG.private_picture_hosts
PICTURE_REQUESTS_PER_S = CONFIG.picture_requests_per_s
PICTURE_CONNECTIONS = CONFIG.picture_connections
WORKER_REQUESTS_PER_MIN = CONFIG.worker_rate
LIVE_QUERIES_PER_S = CONFIG.live_queries_per_s
LIVE_SOCKETS_PER_ADDRESS = CONFIG.live_sockets_per_address

# Queries recorded for gates to replay: every Nth query (0: none), and how many of the newest
RECORDED_QUERY_EVERY = 10
RECORDED_QUERIES = 500

# The model that recognises what a sketch shows; None ranks by shape alone
RECOGNISER_DIR = BASE_DIR / "ml" / "zoo" / "recogniser"

# Searches are centred on the mean of visitors' sketches: every Nth query counts, and only sums are stored
LEARN_FROM_SKETCHES = CONFIG.learn_from_sketches
LEARN_EVERY = 10

# What visitors open from results
RECORD_CLICKS = CONFIG.record_clicks
CLICK_DAYS = CONFIG.click_days
LEARN_FROM_CLICKS = CONFIG.learn_from_clicks
EXPERIMENT_MAX_MB = CONFIG.experiment_max_mb

# Limits on what anonymous visitors leave behind
ANONYMOUS_ROWS_MAX = CONFIG.anonymous_rows_max
ANONYMOUS_BYTES_MAX = CONFIG.anonymous_bytes_max
ADDRESS_ROWS_PER_DAY = CONFIG.address_rows_per_day
ADDRESS_BYTES_PER_DAY = CONFIG.address_bytes_per_day
IDENTITIES_PER_BROWSER = CONFIG.identities_per_browser
IDENTITIES_PER_ADDRESS = CONFIG.identities_per_address
SHARE_DAYS = CONFIG.share_days
GIFT_DAYS = CONFIG.gift_days
IDLE_WORKER_DAYS = CONFIG.idle_worker_days
LOGIN_DAYS = CONFIG.login_days

# Languages
LANGUAGE_CODE = CONFIG.language
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "webapp" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "webapp.accounts.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["webapp.http.api.parsers.BoundedJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": [
        "webapp.http.api.throttles.ApiThrottle",
        "webapp.http.api.throttles.ScopedThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "api": CONFIG.api_rate,
        "search": CONFIG.search_rate,
        "search_image": CONFIG.search_image_rate,
        "clicks": CONFIG.click_rate,
    },
    "DEFAULT_SCHEMA_CLASS": "webapp.http.api.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "webapp.http.api.errors.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": CONFIG.brand_name,
    "DESCRIPTION": "Draw a product, find it.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "webapp.http.api.schema.with_messages",
    ],
    "ENUM_NAME_OVERRIDES": {
        "CampaignKindEnum": "annotation.models.campaigns.Kind",
        "CampaignStatusEnum": "annotation.models.Campaign.Status",
        "GateStatusEnum": "webapp.registry.models.GateReport.Status",
        "RecordingEnum": ["off", "ask", "on"],
        "RunStatusEnum": "webapp.registry.models.TrainingRun.Status",
        "ImportStatusEnum": "webapp.catalog.models.CatalogImport.Status",
        "FeedStatusEnum": "webapp.catalog.models.RemoteFeed.Status",
        "FeedOutcomeEnum": "webapp.catalog.models.RemoteFeed.Outcome",
        "TaskStatusEnum": "annotation.models.Task.Status",
        "MoveKindEnum": "webapp.registry.models.ReleaseEvent.Kind",
        "EndingEnum": "annotation.models.Ending",
        "ExpertOutcomeEnum": "annotation.models.ExpertAnswer.Outcome",
        "VerdictEnum": "annotation.models.Verdict",
        "WorkerStatusEnum": ["new", "ok", "warned", "failing", "unqualified", "blocked"],
    },
}
# Messages of WebSockets and data of the workers' pages, for the schema.
SCHEMA_MESSAGES = [
    "webapp.search.payloads.HelloMessage",
    "webapp.search.payloads.ResultsMessage",
    "webapp.search.payloads.ErrorMessage",
    "webapp.search.payloads.ReleaseMessage",
    "webapp.search.payloads.QueryMessage",
    "webapp.registry.runs.messages.StateMessage",
    "webapp.registry.runs.messages.MetricsMessage",
    "webapp.registry.runs.messages.LogMessage",
    "webapp.registry.runs.messages.ResumeMessage",
    "annotation.consumers.progress.ProgressMessage",
    "annotation.views.work.CampaignPayload",
]

# Logs
LOGGING = logging_config(CONFIG.log_format, CONFIG.log_level)
structlog_configure()
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # validated by RequestIdMiddleware
DJANGO_STRUCTLOG_TRUST_UPSTREAM_CORRELATION_ID = False  # not validated
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line per request is enough, at its end
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # votes and searches must not be traceable to an address
PROMETHEUS_EXPORT_MIGRATIONS = False

# Annotation
ANNOTATION_FEATURES = (
    "webapp.registry.releases.annotation_features.release_features"  # annotation may not import registry
)
