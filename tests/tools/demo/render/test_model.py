"""A model from a library: its materials and textures, wherever the exporter put them."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tools.demo.render.library import Model
from tools.demo.render.model import load_model

OBJ = "mtllib {mtl}\nv 0 0 0\nv 2 0 0\nv 2 1 0\nvt 0 0\nusemtl wood\nf 1/1 2/1 3/1\n"
MODEL = Model(
    sku="sf-a",
    library="Scopia",
    path="scopia/a/a.obj",
    icon="a.png",
    name="A",
    tags="",
    room="",
    creator="Ada",
    licence="CC-BY-3.0",
    size_cm=(100.0, 50.0, 10.0),
    elevation_cm=0.0,
    rotation=(1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0),
)


def library(folder: Path, texture: str, mtl: str = "a.mtl", mode: str = "RGB") -> Path:
    picture = io.BytesIO()
    Image.new(mode, (2, 2), "red").save(picture, "PNG")
    with zipfile.ZipFile(folder / "Scopia.sh3f", "w") as archive:
        archive.writestr("scopia/a/a.obj", OBJ.format(mtl=mtl))
        archive.writestr("scopia/a/a.mtl", f"newmtl wood\nKd 0 1 0\nmap_Kd {texture}\n")
        archive.writestr("scopia/a/Wood.png", picture.getvalue())
    return folder


@pytest.mark.parametrize("texture", ["Wood.png", "wood.PNG", "C:\\textures\\Wood.png", "/home/ada/oak.jpg"])
def test_a_texture_is_found(tmp_path: Path, texture: str) -> None:
    loaded = load_model(MODEL, library(tmp_path, texture))
    assert list(loaded.textures) == [texture]
    assert loaded.missing == []
    assert loaded.paint().tolist() == [[1.0, 0.0, 0.0]]


def test_a_missing_texture_is_reported_and_the_colour_stays(tmp_path: Path) -> None:
    loaded = load_model(MODEL, library(tmp_path, "oak.jpg"))
    assert loaded.missing == ["oak.jpg"]
    assert loaded.paint().tolist() == [[0.0, 1.0, 0.0]]


def test_an_mtl_of_another_name_is_replaced_by_the_models_own(tmp_path: Path) -> None:
    loaded = load_model(MODEL, library(tmp_path, "Wood.png", mtl="lost.mtl"))
    assert [material.name for material in loaded.mesh.materials][1:] == ["wood"]
    assert loaded.textures


def test_transparency_of_a_texture_is_kept(tmp_path: Path) -> None:
    assert load_model(MODEL, library(tmp_path, "Wood.png", mode="RGBA")).textures["Wood.png"].mode == "RGBA"


def test_the_model_has_its_catalogue_size_in_metres(tmp_path: Path) -> None:
    points = load_model(MODEL, library(tmp_path, "Wood.png")).used_points
    assert points.max(axis=0)[:2] == pytest.approx((0.5, 0.5))
