"""Commands as result files and model cards record them: to be run on another machine."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

_PATH = re.compile(
    r"""(?:^|(?<=[\s=:,;'"]))[~/][^\s=:,;'"]*"""
)  # an absolute one, at a word's or a value's start


def command_line(arguments: Sequence[str]) -> str:
    """The command as another machine can run it: `python -m ml ...`."""
    words = [portable(argument) for argument in arguments]
    return " ".join(["python -m ml", *(f'"{word}"' if " " in word else word for word in words)])


def portable(text: str) -> str:
    """A command or a setting without this machine's paths.

    Below the folder SKETCHFIND_DATA names a path begins with `$SKETCHFIND_DATA`, below the working folder it is
    relative; of any other absolute path a placeholder and its last part stay.
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
