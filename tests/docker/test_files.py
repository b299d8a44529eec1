"""docker/: what can be checked without a container engine."""

from __future__ import annotations

import dataclasses
import fnmatch
import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from webapp.config import ALIASES, BASE_DIR, PREFIX, Config

DOCKER = BASE_DIR / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["web", "ws", "worker", "trainer", "beat", "migrate", "manage"]
VARIABLES = {f"{PREFIX}{field.name.upper()}": field.metadata for field in dataclasses.fields(Config)}
OF_COMPOSE_ALONE = {
    "SITE_NAME", "POSTGRES_PASSWORD", "TAG", "WEB_REPLICAS", "WEB_CONCURRENCY", "WEB_IMAGE", "TRAINER_IMAGE",
    "PROXY_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE",
}  # fmt: skip
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
STAGES = re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, re.MULTILINE)


def asked(text: str) -> set[str]:
    """Names of the variables that a text takes from the environment."""
    return set(re.findall(r"\$\{([A-Z_]+)", text))


def test_every_process_of_the_site_is_a_service():
    assert {*OURS, "proxy", "postgres", "redis"} == set(SERVICES)


def test_images_are_named_in_one_place():
    named = set(COMPOSE["x-images"].values())
    assert {service["image"] for service in SERVICES.values()} == named
    assert len(named) == len(COMPOSE["x-images"])
    text = (DOCKER / "compose.yml").read_text()
    assert all(text.count(name) == 1 for name in named)


@pytest.mark.parametrize("name", OURS)
def test_variables_are_those_of_the_configuration(name):
    given = set(SERVICES[name]["environment"])
    assert given - {"WEB_CONCURRENCY"} == set(VARIABLES)


@pytest.mark.parametrize("name", OURS)
def test_what_belongs_to_development_stays_off(name):
    environment = SERVICES[name]["environment"]
    assert environment["SKETCHFIND_DEBUG"] == "false"
    assert environment["SKETCHFIND_VITE_DEV_URL"] == ""


@pytest.mark.parametrize("name", OURS)
def test_processes_see_the_file_itself_to_name_what_has_no_effect_in_it(name):
    assert SERVICES[name]["env_file"] == [{"path": ".env", "required": False}]


def test_number_of_web_processes_is_gunicorns_alone():
    # uvicorn reads WEB_CONCURRENCY, too
    assert _option("ws", "--workers") == "1"


def test_example_tells_every_variable_with_its_meaning_and_default():
    example = (DOCKER / ".env.example").read_text()
    told = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(told) == set(VARIABLES) | OF_COMPOSE_ALONE
    defaults = dict(re.findall(r"\$\{([A-Z_]+):-([^${}]*)\}", (DOCKER / "compose.yml").read_text()))
    for name, metadata in VARIABLES.items():
        if name != "SKETCHFIND_SECRET_KEY":
            assert metadata["meaning"] in example, name
        if told[name] and name.removeprefix(PREFIX) not in {"DATABASE_URL", "DATA_DIR", "SECRET_KEY"}:
            default = defaults.get(name) or defaults.get(name.removeprefix(PREFIX)) or metadata["default"]
            assert told[name] == default, name
    for name in OF_COMPOSE_ALONE & set(defaults):
        assert told[name] == defaults[name], name


def test_nothing_else_is_asked_of_the_environment():
    text = (DOCKER / "compose.yml").read_text()
    assert asked(text) <= set(VARIABLES) | ALIASES | OF_COMPOSE_ALONE


@pytest.mark.parametrize("name", ["SECRET_KEY", "POSTGRES_PASSWORD", "SITE_NAME"])
def test_what_nobody_may_guess_has_no_default(name):
    text = (DOCKER / "compose.yml").read_text()
    assert f"${{{name}:-" not in text
    assert f"${{{name}:?" in text


@pytest.mark.parametrize("name", [name for name in OURS if name != "manage"])
def test_command_starts_a_program_that_the_image_has(name):
    command = SERVICES[name]["command"]
    program = shutil.which(command[0], path=str(Path(sys.executable).parent))
    assert program, command[0]
    for word in command[1:]:
        if word.endswith(".py"):
            assert (BASE_DIR / word).is_file()
            copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
            assert any(word in line.split() for line in copied), f"{word} is not in the image"


def test_each_celery_queue_has_one_service():
    found = [word for service in ("worker", "trainer") for word in _option(service, "--queues").split(",")]
    assert sorted(found) == ["default", "index", "train"]


def _option(service: str, name: str) -> str:
    command = SERVICES[service]["command"]
    return str(command[command.index(name) + 1])


@pytest.mark.parametrize("name", ["web", "ws", "worker", "trainer", "beat", "proxy", "postgres", "redis"])
def test_what_goes_on_is_watched(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "ws", "worker", "trainer", "beat"])
def test_processes_wait_for_the_migrations(name):
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_only_the_proxy_can_be_reached():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", [*OURS, "proxy"])
def test_processes_have_few_rights(name):
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in SERVICES[name]["security_opt"]


def test_every_volume_is_declared_and_trainers_share_their_runs():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
    assert "runs:/data/runs" in SERVICES["trainer"]["volumes"]
    assert all("media:/data/media" in SERVICES[name]["volumes"] for name in OURS)


def test_gpus_are_added_to_a_service_that_is_there():
    added = yaml.safe_load((DOCKER / "compose.gpu.yml").read_text())["services"]
    assert set(added) == {"trainer"}
    (device,) = added["trainer"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]


# The images


@pytest.mark.parametrize("name", ["proxy", "web", "trainer"])
def test_images_are_built_from_stages_that_exist(name):
    build = SERVICES[name]["build"]
    assert build["target"] in STAGES
    assert (DOCKER / build["context"] / build["dockerfile"]).resolve() == DOCKER / "Dockerfile"


def test_stages_are_copied_from_earlier_ones():
    for position, block in enumerate(DOCKERFILE.split("\nFROM ")[1:]):
        for stage in re.findall(r"--from=(\S+)", block):
            assert stage in STAGES[:position], stage


@pytest.mark.parametrize("stage", ["site", "proxy"])
def test_nothing_runs_as_root(stage):
    block = next(block for block in DOCKERFILE.split("\nFROM ") if f" AS {stage}\n" in block)
    assert re.findall(r"^USER (\S+)", block, re.MULTILINE)[-1] not in {"root", "0"}
    assert "USER root" not in DOCKERFILE


def _sent(path: str) -> bool:
    """Whether a file of the repository goes into a build, by the rules of Dockerfile.dockerignore; the last one holds."""
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


def test_what_is_copied_is_sent_to_the_build():
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in line.split():
            assert (BASE_DIR / source).exists(), source
            assert _sent(source), source


@pytest.mark.parametrize(
    "path",
    ["docker/.env", ".env", ".git/config", "var/db.sqlite3", "runs/1/model.json", "frontend/node_modules/vite/x.js",
     "webapp/__pycache__/config.pyc", ".venv/bin/python", "tests/conftest.py", "webapp/.secret"],
)  # fmt: skip
def test_keys_data_and_leftovers_stay_out_of_images(path):
    assert not _sent(path)


def _listed(*extras: str) -> set[str]:
    command = [sys.executable, str(DOCKER / "requirements.py"), *extras]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    return {Requirement(line).name for line in lines if line}


def _with_what_they_need(names: set[str]) -> set[str]:
    """The installed closure of requirements, extras left out but for those the list asks for."""
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


def test_web_image_has_no_torch_and_the_trainer_has():
    assert not {"torch", "torchvision"} & _with_what_they_need(_listed())
    assert {"torch", "torchvision"} <= _listed("train")
    assert _listed() < _listed("train")
    web = next(block for block in DOCKERFILE.split("\nFROM ") if block.startswith("site AS web"))
    assert "--from=packages " in web


def test_both_images_hold_the_pinned_versions():
    assert DOCKERFILE.count("--constraint constraints.txt") == DOCKERFILE.count("pip install") == 2


def test_proxy_sends_sockets_to_ws_and_the_rest_to_web():
    caddy = (DOCKER / "Caddyfile").read_text()
    assert caddy.count("{") == caddy.count("}")
    assert re.search(r"handle /ws/\* \{\s+reverse_proxy \{\s+dynamic a ws 8001", caddy)
    assert re.search(r"handle \{\s+reverse_proxy \{\s+dynamic a web 8000", caddy)
    assert _option("ws", "--port") == "8001"
    assert SERVICES["web"]["healthcheck"]["test"][-1] == "8000"
    assert "media:/srv/media:ro" in SERVICES["proxy"]["volumes"]
    assert "/srv/media/public" in caddy  # never the private half
