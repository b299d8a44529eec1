"""The stores selected by environment variables."""

from __future__ import annotations

from pathlib import Path

from webapp.config.environment import config_read
from webapp.stores.settings import broker_settings, cache_settings, database_settings, storage_settings

KEY = {"SKETCHFIND_SECRET_KEY": "k" * 50}


def test_one_machine(tmp_path: Path) -> None:
    config = config_read({}, tmp_path)
    database = database_settings(config)
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    broker = broker_settings(config)
    assert broker["BROKER_URL"].startswith("files://")
    assert broker["BROKER_TRANSPORT_OPTIONS"]["control_folder"] == str(tmp_path / "var/broker/control")
    assert storage_settings(config)["private"]["OPTIONS"]["base_url"] is None


def test_servers(tmp_path: Path) -> None:
    config = config_read(
        {
            "SKETCHFIND_REDIS_URL": "redis://cache:6379/1",
            "SKETCHFIND_DATABASE_URL": "postgres://a:b@db:5433/shop",
            **KEY,
        }
    )
    assert database_settings(config)["PORT"] == 5433
    assert database_settings(config)["OPTIONS"]["pool"]
    assert broker_settings(config)["BROKER_URL"] == "redis://cache:6379/1"
    assert cache_settings(config)["LOCATION"] == "redis://cache:6379/1"


def test_bucket_keeps_uploads_apart_from_what_anyone_sees() -> None:
    config = config_read({"SKETCHFIND_MEDIA_URL": "s3://shop/x?endpoint=https://minio.example"})
    storages = storage_settings(config)
    assert storages["default"]["OPTIONS"]["location"] == "x/public"
    assert storages["default"]["OPTIONS"]["custom_domain"] == "minio.example/shop"
    assert storages["private"]["OPTIONS"]["location"] == "x/private"
    assert storages["private"]["OPTIONS"]["default_acl"] == "private"
    assert config.media_origin == "https://minio.example"


def test_bucket_storages_can_be_made() -> None:
    from django.core.files.storage.handler import StorageHandler

    storages = StorageHandler(
        storage_settings(config_read({"SKETCHFIND_MEDIA_URL": "s3://shop?endpoint=http://minio:9000"}))
    )
    assert storages["default"].url("photos/a.webp") == "http://minio:9000/shop/public/photos/a.webp"
    assert storages["private"].location == "private"  # type: ignore[attr-defined]
