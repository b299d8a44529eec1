"""Reading the models of a furniture library."""

import zipfile
from pathlib import Path

import pytest

from tools.demo.render.library import licence_of, parse_properties, read_models

CATALOG = """# a comment
id#1=Scopia#chair
name#1=Oak chair \\u00e9
icon#1=/scopia/oakChair.png
model#1=/scopia/oakChair/oakChair.obj
width#1=40.5
depth#1=50
height#1=90
creator#1=Ada
elevation#1=12
modelRotation#1=1 0 0 0 0 1 0 -1 0
"""


def library(folder: Path, name: str, catalog: str) -> None:
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("PluginFurnitureCatalog.properties", catalog.encode("latin-1"))


def test_a_model_is_read_with_its_size_licence_and_rotation(tmp_path: Path) -> None:
    library(tmp_path, "Scopia.sh3f", CATALOG)
    (model,) = read_models(tmp_path)
    assert (model.sku, model.name, model.creator, model.licence) == (
        "sf-oak-chair",
        "Oak chair é",
        "Ada",
        "CC-BY-3.0",
    )
    assert model.size_cm == (40.5, 90.0, 50.0)
    assert model.rotation_matrix.tolist() == [[1, 0, 0], [0, 0, 1], [0, -1, 0]]


def test_models_of_the_same_name_get_the_library_into_their_sku(tmp_path: Path) -> None:
    library(tmp_path, "Scopia.sh3f", CATALOG)
    library(tmp_path, "KatorLegaz.sh3f", CATALOG)
    assert [model.sku for model in read_models(tmp_path)] == ["sf-oak-chair-kl", "sf-oak-chair-sc"]


def test_an_empty_folder_names_the_package_to_install(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="sweethome3d-furniture"):
        read_models(tmp_path)


def test_properties_come_in_the_order_of_their_numbers() -> None:
    assert parse_properties("a#10=x\na#2 = y = z\nno number=1") == [{"a": "y = z"}, {"a": "x"}]


def test_a_models_own_notice_counts_if_it_demands_more() -> None:
    assert licence_of("CC0-1.0", "Released under Creative Commons Attribution 3.0") == "CC-BY-3.0"
    assert licence_of("CC0-1.0", "Creative Commons Zero") == "CC0-1.0"
    assert licence_of("CC-BY-3.0", "Creative Commons Zero") == "CC-BY-3.0"
