"""Every environment variable of the site: name, type, default, meaning. Only this module interprets them.

All names begin with `SKETCHFIND_`: desktops and other programs set LANGUAGE, DEBUG or LOG_LEVEL for themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from webapp.config import values as value
from webapp.config.brand import Accent, accent, logo_check
from webapp.config.values import Database, MediaStore

BASE_DIR = Path(__file__).resolve().parents[2]
PREFIX = "SKETCHFIND_"
# Hosting platforms set these themselves. They apply only if the prefixed name is not set.
ALIASES = frozenset({"DATABASE_URL", "MEDIA_URL", "REDIS_URL", "SECRET_KEY"})


class SettingError(ValueError):
    """An environment variable is invalid. The message names it, its value and what is allowed, on one line."""


def _variable(parse: Callable[[str], Any], default: str, meaning: str) -> Any:
    return field(metadata={"parse": parse, "default": default, "meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One field per variable, whose name is `PREFIX` and the field's name in capitals."""

    debug: bool = _variable(value.boolean, "false", "Django's debug pages; never on a public site")
    data_dir: Path = _variable(value.folder, "var", "folder for everything that the site writes")
    database_url: Database = _variable(
        value.database,
        "sqlite:///{data_dir}/db.sqlite3",
        "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME",
    )
    redis_url: str = _variable(value.redis_url, "", "broker and cache; empty: local files and memory")
    media_url: MediaStore = _variable(
        value.media,
        "file:{data_dir}/media",
        "file:PATH or s3://BUCKET/PREFIX?endpoint=URL&region=NAME&public_url=URL",
    )
    hash_codes: str = _variable(
        value.one_of("memory", "postgresql"),
        "memory",
        "where searches compare hash codes; postgresql: in the site's database, for galleries larger than a machine's "
        "memory",
    )
    secret_key: str = _variable(
        value.secret_key,
        "",
        "signs sessions and links; empty: generated once in SKETCHFIND_DATA_DIR/secret_key (one machine only)",
    )
    allowed_hosts: tuple[str, ...] = _variable(
        value.words, "localhost,127.0.0.1,[::1]", "host names that the site answers to, comma-separated"
    )
    csrf_trusted_origins: tuple[str, ...] = _variable(
        value.origins, "", "additional origins whose forms are accepted, such as https://shop.example"
    )
    https: bool | None = _variable(
        value.optional_boolean,
        "",
        "secure cookies, HSTS and redirect to https; empty: on, unless debugging or serving this machine only",
    )
    proxy_count: int = _variable(
        value.integer(0, 9),
        "0",
        "number of trusted proxies in front of the site, to find the client address for rate limits",
    )
    language: str = _variable(
        value.one_of("en", "de"), "en", "language for visitors whose browser prefers none of ours"
    )
    brand_name: str = _variable(
        value.text(1, 40), "Sketchfind", "the site's name, on its pages and in titles"
    )
    brand_tagline: str = _variable(
        value.text(0, 80), "", "what the site is for, in the title of its first page"
    )
    brand_tagline_de: str = _variable(value.text(0, 80), "", "the same in German")
    brand_logo: Path | None = _variable(
        value.optional_file, "", "SVG, PNG or WebP file shown instead of the name, and in the browser's tab"
    )
    brand_accent: Accent | None = _variable(
        accent,
        "",
        "colour of links and marks: #rrggbb, or #rrggbb,#rrggbb for light and dark pages; readable (WCAG AA)",
    )
    log_format: str = _variable(value.one_of("console", "json"), "console", "format of log lines")
    log_level: str = _variable(
        value.one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "lowest level that is logged"
    )
    vite_dev_url: str = _variable(
        value.http_url,
        "",
        "address of a running Vite server, for front-end development; empty: the built files",
    )
    api_rate: str = _variable(value.rate, "1200/min", "API requests per address or user")
    search_rate: str = _variable(value.rate, "600/min", "searches over HTTP per address or user")
    search_image_rate: str = _variable(value.rate, "60/min", "searches by image per address or user")
    login_rate: int = _variable(value.integer(1, 100_000), "10", "attempts to sign in per minute and address")
    worker_rate: int = _variable(
        value.integer(1, 1_000_000), "3000", "API requests per minute and crowd worker"
    )
    live_queries_per_s: int = _variable(value.integer(1, 1000), "12", "live queries per WebSocket")
    live_sockets_per_address: int = _variable(value.integer(1, 10_000), "24", "open WebSockets per address")
    learn_from_sketches: bool = _variable(
        value.boolean, "true", "centre searches on the mean of visitors' sketches; only sums are stored"
    )
    record_clicks: str = _variable(
        value.one_of("off", "ask", "on"),
        "off",
        "whether the products that visitors open from results are recorded; ask: only of those who agree",
    )
    learn_from_clicks: bool = _variable(
        value.boolean,
        "false",
        "swap two neighbouring results at random in half of the recorded answers, and add clicks to snapshots",
    )
    experiment_max_mb: int = _variable(
        value.integer(1, 1_000_000),
        "500",
        "largest release that may answer beside the live one, in each web process",
    )
    click_rate: str = _variable(value.rate, "120/min", "reports of clicks per address")
    json_max_bytes: int = _variable(value.integer(10_000, 100_000_000), "2000000", "largest JSON body")
    image_max_bytes: int = _variable(
        value.integer(10_000, 200_000_000), "20000000", "largest image, in bytes"
    )
    feed_max_bytes: int = _variable(
        value.integer(100_000, 50_000_000_000),
        "1000000000",
        "largest upload of a catalogue feed or its pictures",
    )
    remote_feed_max_bytes: int = _variable(
        value.integer(100_000, 50_000_000_000), "200000000", "largest feed that is fetched by its address"
    )

    index_threads: int = _variable(
        value.integer(0, 256), "0", "threads of an index build in each worker; 0: one per core"
    )
    private_picture_hosts: tuple[str, ...] = _variable(
        value.words,
        "",
        "hosts, as NAME or NAME:PORT, comma-separated, whose pictures and feeds are fetched although their address is "
        "private; empty: only those of the public internet",
    )
    picture_requests_per_s: int = _variable(
        value.integer(1, 1000), "10", "requests per second for pictures of a feed to one host"
    )
    picture_connections: int = _variable(
        value.integer(1, 32), "4", "pictures fetched from one host at the same time"
    )

    anonymous_rows_max: int = _variable(
        value.integer(0, 1_000_000_000),
        "200000",
        "maximum number kept of each: shared sketches, donated sketches, idle workers, recorded answers, clicks",
    )
    anonymous_bytes_max: int = _variable(
        value.integer(0, 10_000_000_000_000), "2000000000", "maximum bytes of each kind"
    )
    address_rows_per_day: int = _variable(
        value.integer(0, 1_000_000), "500", "new ones of these per day and address"
    )
    address_bytes_per_day: int = _variable(
        value.integer(0, 10_000_000_000), "50000000", "bytes of these per day and address"
    )
    identities_per_browser: int = _variable(
        value.integer(1, 1_000_000),
        "5",
        "new workers without account or personal link per day, campaign and browser",
    )
    identities_per_address: int = _variable(
        value.integer(1, 1_000_000), "100", "new workers of this kind per day, campaign and address"
    )
    share_days: int = _variable(
        value.integer(0, 36_500),
        "180",
        "days after which a shared sketch that nobody has opened is deleted; 0: never",
    )
    click_days: int = _variable(
        value.integer(0, 36_500), "90", "days that recorded answers and clicks are kept; 0: forever"
    )
    gift_days: int = _variable(
        value.integer(0, 36_500),
        "730",
        "days after which a donated sketch that no task uses is deleted; 0: never",
    )
    idle_worker_days: int = _variable(
        value.integer(0, 36_500),
        "30",
        "days after which an anonymous worker without votes is deleted; 0: never",
    )
    login_days: int = _variable(
        value.integer(0, 36_500), "90", "days that logins and failed logins are kept; 0: forever"
    )

    @property
    def embedded(self) -> bool:
        """Whether the site runs on this machine's files and memory, without Redis."""
        return not self.redis_url

    @property
    def secure(self) -> bool:
        """Whether pages are served over https only."""
        if self.https is not None:
            return self.https
        return not self.debug and not all(host in value.LOOPBACK for host in self.allowed_hosts)

    @property
    def vite_dev_server(self) -> dict[str, str | int]:
        """django-vite's settings for a running Vite server."""
        parts = urlsplit(self.vite_dev_url)
        if not parts.hostname:
            return {}
        return {
            "dev_server_protocol": parts.scheme,
            "dev_server_host": parts.hostname,
            "dev_server_port": parts.port or 5173,
        }

    @property
    def media_origin(self) -> str:
        """The origin of pictures on another host, for the content security policy; empty for our own."""
        parts = urlsplit(self.media_url.public_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def environment_inherited() -> dict[str, str]:
    """Return the environment for child processes, which includes other programs' variables, such as CUDA's."""
    return dict(os.environ)


def variable_name(field_name: str, environ: Mapping[str, str]) -> str:
    """Return the name by which `environ` sets a field of Config: prefixed, or the alias if only that is set."""
    name = field_name.upper()
    return name if name in ALIASES and name in environ and PREFIX + name not in environ else PREFIX + name


def config_read(environ: Mapping[str, str], base_dir: Path = BASE_DIR) -> Config:
    """Return the configuration in `environ`; relative paths are relative to `base_dir`.

    Raises SettingError naming the first invalid variable and what is allowed.
    """
    read: dict[str, Any] = {}
    for variable in fields(Config):
        name = variable_name(variable.name, environ)
        default = variable.metadata["default"].format(data_dir=read.get("data_dir", ""))
        text = environ.get(name, "").strip() or default
        try:
            read[variable.name] = value.under(variable.metadata["parse"](text), base_dir)
        except ValueError as error:
            raise SettingError(f"{name}: {error}") from error
    config = Config(**read)
    if config.brand_logo:
        try:
            logo_check(config.brand_logo)
        except ValueError as error:
            raise SettingError(f"{PREFIX}BRAND_LOGO: {error}") from error
    if config.redis_url and not config.secret_key:
        raise SettingError(
            f"{PREFIX}SECRET_KEY: empty, but with {PREFIX}REDIS_URL several machines share sessions; "
            "set the same 50 random characters on all of them"
        )
    if config.hash_codes == "postgresql" and config.database_url.vendor != "postgresql":
        raise SettingError(
            f"{PREFIX}HASH_CODES: 'postgresql' needs a {PREFIX}DATABASE_URL starting with postgresql://"
        )
    return config
