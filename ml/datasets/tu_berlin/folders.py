"""The folders of TU-Berlin's sketches and of their photos, as released and as commonly renamed."""

from dataclasses import dataclass

from ml.datasets.files import Files, stem
from ml.datasets.layout import Categories, first_folder, wrong_layout
from ml.datasets.qmul_v1 import IMAGES
from ml.errors import DatasetError

TREE = """
    png/                         or its contents
      <category>/<n>.png
      filelist.txt               optional: <category>/<n>.png per line
    svg/<category>/<n>.svg       optional: the same sketches with strokes
"""
EXTENDED_TREE = f"{TREE.rstrip()}\n    ImageResized/<category>/*.jpg\n"
_SVG, _PNG = ("svg", "sketches_svg"), ("png", "png_ready", "sketches", "sketches_png")
_PHOTOS = ("ImageResized", "ImageResized_ready", "images")
_LIST = "filelist.txt"
SketchFiles = dict[str, dict[str, str]]  # category -> name -> file


@dataclass(frozen=True)
class TuBerlinFolders:
    """sketches: category -> name -> file, with strokes where there are. photos: the folder of photos, None without one.

    lists: the lists of sketches that were checked.
    """

    files: Files
    sketches: SketchFiles
    photos: str | None
    lists: tuple[str, ...]

    def photos_of(self) -> dict[str, dict[str, str]]:
        """Return category -> name -> file of the photos, categories as the sketches spell them."""
        if self.photos is None:
            return {}
        known = Categories(self.sketches)
        return {
            known.name(folder): {stem(n): n for n in self.files.files(f"{self.photos}/{folder}", *IMAGES)}
            for folder in self.files.folders(self.photos)
        }


def tu_berlin_folders(files: Files, tree: str = TREE) -> TuBerlinFolders:
    """Find the sketches and photos.

    Raises DatasetError showing `tree` if there are no sketches, or naming a sketch that a list names and that is missing.
    """
    files = files.holding(*_SVG, *_PNG, *_PHOTOS)
    png, svg = first_folder(files, *_PNG), first_folder(files, *_SVG)
    places = [folder for folder in (png, svg) if folder is not None] or [""]
    found: SketchFiles = {}
    lists = []
    for place in places:
        inside = f"{place}/" if place else ""
        for category in files.folders(place):
            named = _named(files, f"{inside}{category}")
            if named:
                found.setdefault(category, {}).update(named)  # svg comes second and replaces png
        if f"{inside}{_LIST}" in files.files(place):
            lists.append(f"{inside}{_LIST}")
            _check(files, f"{inside}{_LIST}", inside)
    if not found:
        if len(files.folders()) == 1:
            return tu_berlin_folders(files.below(files.folders()[0]), tree)
        raise wrong_layout(files, tree)
    return TuBerlinFolders(files, found, first_folder(files, *_PHOTOS), tuple(lists))


def _named(files: Files, folder: str) -> dict[str, str]:
    """Return name -> file of the sketches of a folder, with strokes where both are there."""
    return {stem(name): name for suffix in (".png", ".svg") for name in files.files(folder, suffix)}


def _check(files: Files, name: str, inside: str) -> None:
    """Raise DatasetError if a listed sketch is missing, as after an interrupted download."""
    listed: dict[str, list[tuple[int, str]]] = {}
    for number, line in enumerate(files.read(name).decode("utf-8", "replace").splitlines(), start=1):
        category, _, file = line.strip().rpartition("/")
        if file:
            listed.setdefault(category, []).append((number, file))
    for category, sketches in listed.items():
        there = {found.rpartition("/")[2] for found in files.files(f"{inside}{category}")}
        for number, file in sketches:
            if file not in there:
                raise DatasetError(f"{name}:{number}", f"{category}/{file} is listed but missing")
