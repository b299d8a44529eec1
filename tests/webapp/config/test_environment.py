"""Environment variables: typed, and an invalid one is named."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from webapp.config.environment import BASE_DIR, Config, SettingError, config_read


def test_the_defaults_are_a_complete_local_site(tmp_path: Path) -> None:
    config = config_read({}, tmp_path)
    assert config.database_url.path == tmp_path / "var" / "db.sqlite3"
    assert config.media_url.folder == tmp_path / "var" / "media"
    assert config.embedded
    assert not config.debug
    assert not config.secure  # http on 127.0.0.1


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("SKETCHFIND_DEBUG", "maybe", "true"),
        ("SKETCHFIND_DATABASE_URL", "mysql://host/shop", "postgresql://"),
        ("SKETCHFIND_DATABASE_URL", "postgresql://user@host:port/shop", "postgresql://"),
        ("SKETCHFIND_DATABASE_URL", "sqlite://", "sqlite:///PATH"),
        ("SKETCHFIND_REDIS_URL", "localhost:6379", "redis://"),
        ("SKETCHFIND_HASH_CODES", "disk", "memory, postgresql"),
        ("SKETCHFIND_HASH_CODES", "postgresql", "DATABASE_URL"),  # of SQLite
        ("SKETCHFIND_MEDIA_URL", "ftp://host/x", "s3://BUCKET"),
        ("SKETCHFIND_MEDIA_URL", "s3://shop?endpont=http://x", "endpoint"),
        ("SKETCHFIND_MEDIA_URL", "s3://shop?endpoint=minio", "http://"),
        ("SKETCHFIND_SECRET_KEY", "short", "32"),
        ("SKETCHFIND_CSRF_TRUSTED_ORIGINS", "shop.example", "https://"),
        ("SKETCHFIND_PROXY_COUNT", "-1", "from 0"),
        ("SKETCHFIND_LANGUAGE", "fr", "en, de"),
        ("SKETCHFIND_SEARCH_RATE", "fast", "600/min"),
        ("SKETCHFIND_LIVE_QUERIES_PER_S", "0", "from 1"),
        ("SKETCHFIND_IMAGE_MAX_BYTES", "10 MB", "whole number"),
        ("SKETCHFIND_LOG_LEVEL", "LOUD", "WARNING"),
        ("SKETCHFIND_VITE_DEV_URL", "localhost:5173", "http://"),
    ],
)
def test_an_invalid_value_is_reported_with_the_variable_and_what_is_allowed(
    name: str, wrong: str, right: str
) -> None:
    with pytest.raises(SettingError) as error:
        config_read({name: wrong})
    assert str(error.value).startswith(f"{name}: ")
    assert right in str(error.value)
    assert "\n" not in str(error.value)


def test_passwords_stay_out_of_messages() -> None:
    with pytest.raises(SettingError) as error:
        config_read({"SKETCHFIND_DATABASE_URL": "mysql://user:hunter2@host/shop"})
    assert "hunter2" not in str(error.value)


def test_several_machines_need_a_common_key() -> None:
    with pytest.raises(SettingError, match=r"^SKETCHFIND_SECRET_KEY: "):
        config_read({"SKETCHFIND_REDIS_URL": "redis://cache:6379/0"})
    assert not config_read(
        {"SKETCHFIND_REDIS_URL": "redis://cache:6379/0", "SKETCHFIND_SECRET_KEY": "k" * 50}
    ).embedded


@pytest.mark.parametrize(
    ("variables", "secure"),
    [
        ({"SKETCHFIND_ALLOWED_HOSTS": "shop.example"}, True),
        ({"SKETCHFIND_ALLOWED_HOSTS": "localhost, 127.0.0.1"}, False),
        ({"SKETCHFIND_ALLOWED_HOSTS": "192.168.1.4", "SKETCHFIND_HTTPS": "false"}, False),
        ({"SKETCHFIND_HTTPS": "yes"}, True),
        ({"SKETCHFIND_ALLOWED_HOSTS": "shop.example", "SKETCHFIND_DEBUG": "1"}, False),
    ],
)
def test_a_site_for_others_is_served_over_https(variables: Any, secure: bool) -> None:
    assert config_read(variables).secure is secure


def test_names_that_other_programs_use_stop_nothing(tmp_path: Path) -> None:
    ended = _start(
        "import webapp.asgi; from django.conf import settings; print(settings.LANGUAGE_CODE, settings.DEBUG)",
        SKETCHFIND_DATA_DIR=str(tmp_path),
        LANGUAGE="de_DE:de",
        DEBUG="app:*",
        LOG_LEVEL="debug",
        HTTPS="",
    )
    assert (ended.returncode, ended.stdout) == (0, "en False\n"), ended.stderr
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("name", "text", "another"),
    [
        ("DATABASE_URL", "sqlite:////srv/shop.sqlite3", "sqlite:////srv/other.sqlite3"),
        ("REDIS_URL", "redis://cache:6379/0", "redis://other:6379/0"),
        ("MEDIA_URL", "file:/srv/media", "file:/srv/other"),
        ("SECRET_KEY", "k" * 50, "o" * 50),
    ],
)
def test_platform_names_apply_if_ours_are_not_set(name: str, text: str, another: str) -> None:
    key = {} if name == "SECRET_KEY" else {"SKETCHFIND_SECRET_KEY": "s" * 50}
    ours = f"SKETCHFIND_{name}"

    assert config_read({**key, name: text}) == config_read({**key, ours: text}) != config_read(key)
    assert config_read({**key, name: text, ours: another}) == config_read({**key, ours: another})
    assert config_read({**key, name: text, ours: ""}) == config_read(key)  # uses the default


def test_an_invalid_value_under_a_platforms_name_is_reported_by_that_name() -> None:
    with pytest.raises(SettingError, match=r"^DATABASE_URL: "):
        config_read({"DATABASE_URL": "oracle://x"})


def test_bucket() -> None:
    store = config_read(
        {"SKETCHFIND_MEDIA_URL": "s3://shop/pictures?endpoint=http://minio:9000&region=eu"}
    ).media_url
    assert (store.bucket, store.prefix, store.region) == ("shop", "pictures", "eu")
    assert store.public_url == "http://minio:9000/shop"


def test_every_variable_has_a_meaning() -> None:
    for variable in dataclasses.fields(Config):
        assert variable.metadata["meaning"], variable.name


def _start(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "webapp.settings", **variables}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=environ, capture_output=True, text=True, timeout=120
    )


def test_an_invalid_start_stops_with_one_line(tmp_path: Path) -> None:
    ended = _start(
        "import webapp.asgi", SKETCHFIND_DATA_DIR=str(tmp_path), SKETCHFIND_DATABASE_URL="oracle://x"
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("SKETCHFIND_DATABASE_URL: ")
    assert ended.stderr.count("\n") == 1


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = _start("import webapp.asgi", SKETCHFIND_DATA_DIR=str(tmp_path / "file"))
    assert ended.returncode == 1
    assert ended.stderr.startswith("SKETCHFIND_DATA_DIR: ")
    assert ended.stderr.count("\n") == 1


def test_the_web_process_imports_no_torch_and_keeps_its_key(tmp_path: Path) -> None:
    code = (
        "import sys, webapp.asgi; from django.conf import settings\n"
        "from django.urls import reverse; reverse('browse')\n"
        "assert not {'torch', 'torchvision', 'onnx'} & sys.modules.keys(); print(settings.SECRET_KEY)"
    )
    first, second = (_start(code, SKETCHFIND_DATA_DIR=str(tmp_path)) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert len(first.stdout.strip()) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_only_the_configuration_reads_the_environment() -> None:
    allowed = {
        *("webapp/settings.py", "webapp/celery.py", "webapp/asgi.py", "webapp/wsgi.py"),
        "webapp/config/environment.py",
    }
    root = Path(BASE_DIR)
    reading = {
        str(path.relative_to(root))
        for path in (root / "webapp").rglob("*.py")
        if "os.environ" in (text := path.read_text()) or "getenv(" in text
    }
    assert reading <= allowed


def test_data_dir_moves_everything_that_the_site_writes(tmp_path: Path) -> None:
    config = config_read({"SKETCHFIND_DATA_DIR": str(tmp_path)})

    assert config.database_url.path == tmp_path / "db.sqlite3"
    assert config.media_url.folder == tmp_path / "media"
