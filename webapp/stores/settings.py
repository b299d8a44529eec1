"""Django's settings of the stores: database, cache, broker and files, embedded or on servers."""

from __future__ import annotations

from typing import Any

from webapp.config.environment import Config
from webapp.stores.broker import SCHEME

_CONNECTIONS = 8  # maximum per process to PostgreSQL


def database_settings(config: Config) -> dict[str, Any]:
    """Return SQLite, with a write lock from the start of a transaction, or PostgreSQL with a connection pool."""
    database = config.database_url
    if database.path is None:
        options = {
            **database.django.get("OPTIONS", {}),
            # After `timeout` seconds the backend checks that the server answers, then waits on.
            "pool": {"min_size": 1, "max_size": _CONNECTIONS, "timeout": 0.5, "reconnect_timeout": 2},
            "prepare_threshold": 5,  # only statements that opt in; the ORM's are never prepared
        }
        return {**database.django, "ENGINE": "webapp.stores.postgresql", "OPTIONS": options}
    database.path.parent.mkdir(parents=True, exist_ok=True)
    return {
        **database.django,
        "ENGINE": "webapp.stores.sqlite",
        "NAME": database.path,
        "OPTIONS": {
            # A transaction that reads, then writes, fails as "locked" unless it takes the lock first.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
        },
    }


def request_threads(config: Config) -> int:
    """Return how many requests a web process handles at once: not more than it has connections, or some would fail.

    Searches wait for a slot while holding a thread, so there are more threads than cores.
    """
    return _CONNECTIONS if config.database_url.path is None else 32


def cache_settings(config: Config) -> dict[str, Any]:
    if config.embedded:
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    timeouts = {"socket_connect_timeout": 1, "socket_timeout": 2}
    return {
        "BACKEND": "webapp.stores.cache.OptionalRedisCache",
        "LOCATION": config.redis_url,
        "OPTIONS": timeouts,
    }


def broker_settings(config: Config) -> dict[str, Any]:
    """Return Celery's broker: Redis, or a folder shared by web and worker."""
    if not config.embedded:
        # A job that runs longer is delivered to a second worker, which is harmless because rows are claimed.
        return {"BROKER_URL": config.redis_url, "BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": 6 * 3600}}
    messages, control = config.data_dir / "broker" / "messages", config.data_dir / "broker" / "control"
    messages.mkdir(parents=True, exist_ok=True)
    control.mkdir(parents=True, exist_ok=True)
    return {
        "BROKER_URL": f"{SCHEME}://localhost",
        "BROKER_TRANSPORT_OPTIONS": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
            "polling_interval": 0.1,
        },
    }


def storage_settings(config: Config) -> dict[str, Any]:
    """Return `default` for public pictures, and `private` for models, indexes, snapshots and uploads."""
    static = {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"}
    store = config.media_url
    if store.folder:
        files = "django.core.files.storage.FileSystemStorage"
        public: dict[str, Any] = {
            "location": store.folder / "public",
            "base_url": "/media/",
            "allow_overwrite": True,
        }
        private: dict[str, Any] = {
            "location": store.folder / "private",
            "base_url": None,
            "file_permissions_mode": 0o600,
        }
        return {
            "default": {"BACKEND": files, "OPTIONS": public},
            "private": {"BACKEND": files, "OPTIONS": private},
            "staticfiles": static,
        }
    bucket: dict[str, Any] = {
        "bucket_name": store.bucket,
        "endpoint_url": store.endpoint or None,
        "region_name": store.region or None,
        "signature_version": "s3v4",
    }
    prefix = f"{store.prefix}/" if store.prefix else ""
    scheme, _, domain = store.public_url.partition("://")
    public = {
        **bucket,
        "location": f"{prefix}public",
        "querystring_auth": False,
        "custom_domain": domain,
        "url_protocol": f"{scheme}:",
        # Names contain a hash of the content, so a picture never changes.
        "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
    }
    private = {**bucket, "location": f"{prefix}private", "default_acl": "private", "file_overwrite": False}
    return {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": public},
        "private": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": private},
        "staticfiles": static,
    }
