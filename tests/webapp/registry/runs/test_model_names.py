"""No two models share a name, whoever trained or registered them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor

from tests.support.tiny_model import tiny_model
from tests.support.training import run_of
from webapp.registry.models import DatasetSnapshot, ModelVersion
from webapp.registry.releases.services import model_register


@pytest.mark.django_db
def test_models_of_one_name_and_version_are_told_apart(snapshot: DatasetSnapshot, tmp_path: Path) -> None:
    run = run_of(snapshot)
    names = [
        str(model_register(folder=tiny_model(tmp_path / str(seed), seed=seed, version="1"), training_run=by))
        for seed, by in ((1, None), (2, None), (3, run), (4, None))
    ]
    assert names == ["tiny 1", "tiny 1 (2)", f"tiny 1, run {run.pk}", "tiny 1 (3)"]
    again = model_register(folder=tmp_path / "2")
    assert str(again) == "tiny 1 (2)"
    assert again.manifest["version"] == "1"


@pytest.mark.django_db
def test_models_without_a_version_are_told_apart(snapshot: DatasetSnapshot, tmp_path: Path) -> None:
    run = run_of(snapshot)
    names = [
        str(model_register(folder=tiny_model(tmp_path / str(seed), seed=seed, version=""), training_run=run))
        for seed in range(3)
    ]
    assert names == ["tiny", f"tiny run {run.pk}", "tiny (2)"]


class TestUpgrade:
    """Models that shared a name before keep it once."""

    pytestmark = pytest.mark.django_db(transaction=True)
    BEFORE = [("registry", "0010_index_parts")]
    NOW = [("registry", "0011_models_named_once")]

    @pytest.fixture(autouse=True)
    def _latest_again(self) -> Iterator[None]:
        yield
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())

    def test_the_older_model_keeps_its_name(self) -> None:
        executor = MigrationExecutor(connection)
        apps = executor.loader.project_state(self.BEFORE).apps
        executor.migrate(self.BEFORE)
        rows = apps.get_model("registry", "ModelVersion").objects
        for number, version in enumerate(["1", "1", "2", "1"]):
            rows.create(
                name="tiny", version=version, system="tiny", sha256=f"{number}", encoder_sha256="",
                folder="", manifest={},
            )  # fmt: skip
        MigrationExecutor(connection).migrate(self.NOW)
        found = ModelVersion.objects.order_by("pk")
        assert list(found.values_list("version", flat=True)) == ["1", "1 (2)", "2", "1 (3)"]
        with pytest.raises(IntegrityError):
            ModelVersion.objects.create(
                name="tiny", version="2", system="tiny", sha256="9", encoder_sha256="", folder="", manifest={}
            )
        found.delete()
