"""The errors that `ml` raises on bad input. Each names the field that was wrong and says what would be right."""


class SketchfindError(Exception):
    """Bad input or an unusable file.

    `field` is the path of the wrong value as its sender wrote it, such as `sketch.strokes[3][17].x` or `--root`;
    `message` says what was found and what would be right.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class SketchError(SketchfindError):
    """A sketch that breaks the stroke contract: its structure, its bounds, its coordinates or the order of time."""


class ImageError(SketchfindError):
    """An image that cannot be decoded, or exceeds the bounds on bytes or pixels."""


class DatasetError(SketchfindError):
    """A dataset folder that lacks what its layout promises."""


class ConfigError(SketchfindError):
    """A training or evaluation setting that is unknown, of the wrong type, or contradicts another."""


class ModelError(SketchfindError):
    """A model folder whose manifest or files are missing, broken or altered."""


class IndexMismatchError(SketchfindError):
    """A gallery index built by another encoder or with another code length than the one asked for."""


class StorageError(SketchfindError):
    """A file that cannot be written because the disk is full."""
