"""OBJ and MTL as in the furniture libraries."""

import numpy as np
import pytest

from tools.demo.render.obj import material_libraries, parse_mtl, parse_obj

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def area(text: str) -> float:
    mesh = parse_obj(text, {})
    a, b, c = (mesh.points[mesh.triangles[:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_a_square_becomes_two_triangles() -> None:
    mesh = parse_obj(SQUARE + "f 1 2 3 4\n", {})
    assert mesh.triangles.shape == (2, 3)
    assert area(SQUARE + "f 1 2 3 4\n") == pytest.approx(1.0)


def test_a_concave_polygon_keeps_its_area() -> None:
    # An arrow head whose fan from the first corner would cover the notch.
    arrow = "v 0 0 0\nv 2 -2 0\nv 0 4 0\nv -2 -2 0\n"
    assert area(arrow + "f 2 3 4 1\n") == pytest.approx(8.0)


def test_negative_indices_count_from_the_end() -> None:
    assert parse_obj(SQUARE + "f -4 -3 -2\n", {}).triangles.tolist() == [[0, 1, 2]]


def test_corners_keep_texture_coordinates_and_normals_apart() -> None:
    text = SQUARE + "vt 0 0\nvt 1 0 0\nvn 0 0 1\nf 1/1/1 2/2/1 3//1\n"
    assert parse_obj(text, {}).corners.tolist() == [[[0, 0, 0], [1, 1, 0], [2, -1, 0]]]


def test_a_material_used_again_colours_its_later_faces_too() -> None:
    materials = parse_mtl("newmtl oak\nKd 1 0 0\nnewmtl steel\nKd 0 0 1\n")
    text = SQUARE + "usemtl oak\nf 1 2 3\nusemtl steel\nf 1 3 4\nusemtl oak\nf 2 3 4\n"
    mesh = parse_obj(text, materials)
    assert [mesh.materials[number].name for number in mesh.material] == ["oak", "steel", "oak"]


def test_an_unknown_material_loses_only_its_colour() -> None:
    mesh = parse_obj(SQUARE + "usemtl lost\nf 1 2 3\n", {})
    assert mesh.materials[mesh.material[0]].diffuse == (0.8, 0.8, 0.8)


def test_a_corner_without_a_vertex_loses_only_its_face() -> None:
    assert len(parse_obj(SQUARE + "f 1 2 9\nf 1 2 3\n", {}).triangles) == 1


def test_lines_and_points_alone_are_refused() -> None:
    with pytest.raises(ValueError, match="no face"):
        parse_obj(SQUARE + "l 1 2\n", {})


def test_a_statement_may_continue_on_the_next_line() -> None:
    assert len(parse_obj(SQUARE + "f 1 2 \\\n3 4\n", {}).triangles) == 2


def test_mtl_reads_colours_opacity_and_textures_with_spaces() -> None:
    material = parse_mtl("newmtl glass\nKd 0.2 0.4 2\nd 0.25\nNs x\nmap_Kd my wood.jpg\n")["glass"]
    assert material.diffuse == (0.2, 0.4, 1.0)
    assert material.opacity == 0.25
    assert material.texture == "my wood.jpg"
    assert material.shininess == 10.0


def test_mtl_skips_texture_options() -> None:
    assert parse_mtl("newmtl a\nmap_Kd -s 2 2 1 wood.jpg\n")["a"].texture == "wood.jpg"


def test_transparency_is_the_complement_of_opacity() -> None:
    assert parse_mtl("newmtl a\nTr 0.25\n")["a"].opacity == 0.75


def test_material_libraries_are_named_in_order() -> None:
    assert material_libraries("mtllib a b.mtl\nv 0 0 0\nmtllib c.mtl\n") == ["a b.mtl", "c.mtl"]
