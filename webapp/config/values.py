"""Parsers of environment variables: text to a typed value, or a ValueError that says what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", ".localhost"})


@dataclass(frozen=True, slots=True)
class Database:
    """A database: `django` holds its Django settings; `path` is the file, for SQLite."""

    vendor: str  # sqlite | postgresql
    django: dict[str, Any]
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class MediaStore:
    """Where pictures are stored: a local folder, or a bucket."""

    folder: Path | None = None
    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    public_url: str = ""


def boolean(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{text!r} is neither true nor false")


def optional_boolean(text: str) -> bool | None:
    return boolean(text) if text else None


def integer(minimum: int, maximum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,15}", text) or not minimum <= int(text) <= maximum:
            raise ValueError(f"{text!r} is not a whole number from {minimum} to {maximum}")
        return int(text)

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is not one of {', '.join(choices)}")
        return text

    return parse


def words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def text(shortest: int, longest: int) -> Callable[[str], str]:
    def parse(found: str) -> str:
        if not shortest <= len(found) <= longest or not found.isprintable():
            raise ValueError(f"{found!r} is not a text of {shortest} to {longest} characters on one line")
        return found

    return parse


def optional_file(text: str) -> Path | None:
    return Path(text) if text else None


def folder(text: str) -> Path:
    return Path(text)


def rate(text: str) -> str:
    """Return a rate such as 600/min."""
    if not re.fullmatch(r"[1-9][0-9]{0,6}/(s|sec|min|hour|day)", text):
        raise ValueError(f"{text!r} is not a number per period, such as 600/min (sec, min, hour, day)")
    return text


def http_url(text: str) -> str:
    if text and (urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname):
        raise ValueError(f"{text!r} is not an address such as http://localhost:5173")
    return text.rstrip("/")


def origins(text: str) -> tuple[str, ...]:
    found = words(text)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
            raise ValueError(f"{origin!r} is not a scheme and host such as https://shop.example")
    return found


def secret_key(text: str) -> str:
    if text and len(text) < 32:
        raise ValueError(f"{len(text)} characters; at least 32 random characters are required")
    return text


def redis_url(text: str) -> str:
    if text and (urlsplit(text).scheme not in {"redis", "rediss"} or not urlsplit(text).hostname):
        raise ValueError(f"{_without_password(text)!r} is not redis://HOST:PORT/NUMBER or rediss://...")
    return text


def database(text: str) -> Database:
    scheme = text.partition("://")[0]
    expected = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME"
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError(f"{_without_password(text)!r} is not {expected}")
    try:
        found = dict(environ.Env.db_url_config(text))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{_without_password(text)!r} is not {expected}") from error
    if not found["NAME"] or found["NAME"] == ":memory:":
        raise ValueError(f"{_without_password(text)!r} names no database; {expected}")
    if scheme == "sqlite":
        return Database("sqlite", {"ENGINE": found["ENGINE"]}, Path(found["NAME"]))
    return Database("postgresql", found)


def media(text: str) -> MediaStore:
    scheme, _, rest = text.partition(":")
    if scheme == "file" and rest.removeprefix("//"):
        return MediaStore(folder=Path(rest.removeprefix("//")))
    parts = urlsplit(text)
    if scheme != "s3" or not parts.netloc:
        raise ValueError(f"{text!r} is not file:PATH or s3://BUCKET/PREFIX?endpoint=URL")
    options = dict(parse_qsl(parts.query))
    unknown = sorted(options.keys() - {"endpoint", "region", "public_url"})
    if unknown:
        raise ValueError(f"option {unknown[0]!r} is not one of endpoint, region, public_url")
    endpoint = http_url(options.get("endpoint", ""))
    public_url = http_url(options.get("public_url", "")) or (
        f"{endpoint}/{parts.netloc}" if endpoint else f"https://{parts.netloc}.s3.amazonaws.com"
    )
    return MediaStore(
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        endpoint=endpoint,
        region=options.get("region", ""),
        public_url=public_url,
    )


def under(found: Any, base_dir: Path) -> Any:
    """Return `found` with relative paths resolved against `base_dir`."""
    if isinstance(found, Path):
        return base_dir / found
    if isinstance(found, Database) and found.path:
        return replace(found, path=base_dir / found.path)
    if isinstance(found, MediaStore) and found.folder:
        return replace(found, folder=base_dir / found.folder)
    return found


def _without_password(url: str) -> str:
    """Return a URL for an error message, without its password."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:...@", url)
