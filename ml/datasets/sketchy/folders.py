"""The folders of the Sketchy database and its extension, as released and as commonly renamed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ml.contracts.split import Split
from ml.datasets.files import Files, stem
from ml.datasets.layout import Categories, first_folder, wrong_layout
from ml.datasets.pairs import PhotoRow, SketchRow
from ml.datasets.qmul_v1 import IMAGES
from ml.errors import DatasetError

TREE = """
    256x256/                     or its contents
      photo/tx_000000000000/<category>/<photo>.jpg
      sketch/tx_000000000000/<category>/<photo>-<n>.png
    info/testset.txt             optional: the published test photos
"""
EXTENDED_TREE = f"{TREE.rstrip()}\n    EXTEND_image_sketchy/<category>/*.jpg\n"
_RENDERING = "tx_000000000000"  # photos as they are, sketches scaled with them
_EXTENDED = ("EXTEND_image_sketchy", "EXTEND_image_sketchy_ready", "extended_photo")
_TEST_LISTS = ("info/testset.txt", "info-06-04/info/testset.txt", "info-06-04/testset.txt", "testset.txt")
Splitter = Callable[
    [str, list[str]], Mapping[str, Split]
]  # category and names of photos -> split of each name


@dataclass(frozen=True)
class SketchyFolders:
    """photo, sketch: the folders of categories. extended: that of the extension's photos, None without one.

    test_list: the file that lists the published test photos, None without one.
    """

    files: Files
    photo: str
    sketch: str
    extended: str | None
    test_list: str | None

    @property
    def categories(self) -> list[str]:
        """Names of the categories, in the order of the photos' folders."""
        return self.files.folders(self.photo)

    def photos(self, category: str) -> dict[str, str]:
        """Return name -> file of the photos that were sketched."""
        return {stem(name): name for name in self.files.files(f"{self.photo}/{category}", *IMAGES)}

    def sketches(self, category: str) -> list[str]:
        """Return the files of the sketches."""
        return self.files.files(f"{self.sketch}/{category}", *IMAGES)

    def extension(self) -> dict[str, dict[str, str]]:
        """Return category -> name -> file of the extension's photos; it repeats the photos that were sketched."""
        if self.extended is None:
            return {}
        known = Categories(self.categories)
        return {
            known.name(folder): {
                stem(name): name for name in self.files.files(f"{self.extended}/{folder}", *IMAGES)
            }
            for folder in self.files.folders(self.extended)
        }

    def test_photos(self) -> frozenset[str]:
        """Return the published test photos as `<category>/<photo>`; none without the list.

        Raises DatasetError naming a line of another form, or if no photo of the list is in the dataset.
        """
        if self.test_list is None:
            return frozenset()
        listed = set()
        known = Categories(self.categories)
        text = self.files.read(self.test_list).decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            category, _, photo = line.strip().partition("/")
            if not photo or "/" in photo:
                raise DatasetError(
                    f"{self.test_list}:{number}", f"expected <category>/<photo>.jpg, found {line[:80]!r}"
                )
            listed.add(f"{known.name(category)}/{stem(photo)}")
        if not any(f"{category}/{photo}" in listed for category in known for photo in self.photos(category)):
            raise DatasetError(self.test_list, f"none of its {len(listed)} photos is in {self.photo}/")
        return frozenset(listed)


def sketchy_folders(files: Files, tree: str = TREE) -> SketchyFolders:
    """Find the folders. Raises DatasetError showing `tree` if there are no photos or no sketches."""
    files = files.holding("256x256", "photo", "sketch")
    inside = "256x256/" if files.folders("256x256") else ""
    photo, sketch = (_rendering(files, f"{inside}{kind}") for kind in ("photo", "sketch"))
    if not files.folders(photo) or not files.folders(sketch):
        raise wrong_layout(files, tree)
    return SketchyFolders(
        files,
        photo,
        sketch,
        first_folder(files, *(f"{place}{name}" for place in ("", inside) for name in _EXTENDED)),
        next((name for name in _TEST_LISTS if name in files.files(name.rpartition("/")[0])), None),
    )


def pair_rows(
    folders: SketchyFolders, split: Splitter, more: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[list[PhotoRow], list[SketchRow]]:
    """Return a row of every photo, and of every sketch with its photo, in the photo's split.

    more: further photos by category, without sketches, as from `SketchyFolders.extension`. Raises DatasetError on a
    sketch whose photo is missing, or without any sketches.
    """
    photos: list[PhotoRow] = []
    sketches: list[SketchRow] = []
    for category in folders.categories:
        files_of = {**(more or {}).get(category, {}), **folders.photos(category)}
        splits = split(category, list(files_of))
        row_of = {key: len(photos) + place for place, key in enumerate(files_of)}
        photos += [
            PhotoRow(f"{category}/{key}", category, splits[key], name) for key, name in files_of.items()
        ]
        for name, photo in _drawn(folders, category):
            if photo not in row_of:
                raise DatasetError(name, f"its photo {photo!r} is missing in {folders.photo}/{category}")
            row = row_of[photo]
            sketches.append(SketchRow(f"{category}/{stem(name)}", category, photos[row].split, row, name))
    if not sketches:
        raise wrong_layout(folders.files, TREE)
    return photos, sketches


def _drawn(folders: SketchyFolders, category: str) -> Iterator[tuple[str, str]]:
    """Yield the sketches' files with the names of the photos that they were drawn from."""
    for name in folders.sketches(category):
        yield name, stem(name).rpartition("-")[0]


def _rendering(files: Files, folder: str) -> str:
    """Return the folder of categories: that of the plain rendering, or else of the first, or itself without any."""
    renderings = [name for name in files.folders(folder) if name.startswith("tx_")]
    if not renderings:
        return folder
    chosen = next((name for name in renderings if name.startswith(_RENDERING)), renderings[0])
    return f"{folder}/{chosen}"
