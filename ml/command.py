"""Command lines as result files and model cards record them, so that they run on another machine."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

_PATH = re.compile(
    r"""(?:^|(?<=[\s=:,;'"]))[~/][^\s=:,;'"]*"""
)  # an absolute path at the start of a word or a value


def command_line(arguments: Sequence[str]) -> str:
    """Return the command as another machine can run it: `python -m ml ...`."""
    words = [portable(argument) for argument in arguments]
    return " ".join(["python -m ml", *(f'"{word}"' if " " in word else word for word in words)])


def portable(text: str) -> str:
    """Return a command or a setting without this machine's paths.

    A path below the folder that SKETCHFIND_DATA names starts with `$SKETCHFIND_DATA`; one below the working folder
    becomes relative; any other absolute path becomes `$ELSEWHERE/` and its last part.
    """
    return _PATH.sub(lambda found: _placed(found[0]), text)


def _placed(text: str) -> str:
    path = Path(os.path.normpath(Path(text).expanduser()))
    data = os.environ.get("SKETCHFIND_DATA")
    if data and path.is_relative_to(Path(data).absolute()):
        return "/".join(["$SKETCHFIND_DATA", *path.relative_to(Path(data).absolute()).parts])
    if path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd()).as_posix()
    return f"$ELSEWHERE/{path.name}"
