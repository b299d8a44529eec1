"""The errors that `ml` raises on bad input. Each names the wrong field and says what was expected."""


def gettext_noop(text: str) -> str:
    """Mark a text for translation by the site; `makemessages` finds the name."""
    return text


class SketchfindError(Exception):
    """Bad input or an unusable file.

    `field` is the path of the wrong value as the sender wrote it, such as `sketch.strokes[3][17].x` or `--root`.
    `message` says what was found and what was expected. Messages that visitors see are marked by `gettext_noop` and have
    `values`, as `str.format` inserts them: numbers, strings, or errors, of which the message is inserted. `template`
    is the message without them, for translation.
    """

    def __init__(self, field: str, message: str, **values: object) -> None:
        self.field = field
        self.template = message
        self.values = {key: each if isinstance(each, _PLAIN) else str(each) for key, each in values.items()}
        inserted = {key: getattr(each, "message", each) for key, each in self.values.items()}
        self.message = message.format(**inserted) if values else message
        super().__init__(f"{field}: {self.message}")


_PLAIN = (int, float, str, SketchfindError)


class SketchError(SketchfindError):
    """A sketch that violates the stroke contract: structure, bounds, coordinates or order in time."""


class ImageError(SketchfindError):
    """An image that cannot be decoded or exceeds the limits on bytes or pixels."""


class DatasetError(SketchfindError):
    """A dataset folder that lacks what its layout requires."""


class ConfigError(SketchfindError):
    """A training or evaluation setting that is unknown, of the wrong type, or contradicts another."""


class ModelError(SketchfindError):
    """A model folder whose manifest or files are missing, broken or altered."""


class IndexMismatchError(SketchfindError):
    """A gallery index built by another encoder or with another code length than expected."""


class StorageError(SketchfindError):
    """A file that cannot be written because the disk is full."""
