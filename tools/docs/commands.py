"""Markdown from argparse: the `python -m ml` commands and our management commands."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from pathlib import PurePath

from tools.docs import names
from tools.docs.markdown import cell, table

_BUILT_IN = frozenset(
    {
        "help",
        "version",
        "verbosity",
        "settings",
        "pythonpath",
        "traceback",
        "no_color",
        "force_color",
        "skip_checks",
    }
)


def cli_page() -> str:
    """Return the reference of the `python -m ml` command line."""
    parser = names.find(names.CLI_PARSER)()
    parts = [
        "# Command line\n",
        "Everything below `ml/` runs without the site. `--json` prints one JSON object as the last line; bad input is",
        'reported as `{"error": {"type", "field", "message"}}` with exit status 2.\n',
    ]
    for name, description, command in _leaves(parser, "python -m ml"):
        parts.append(_section(name, description, command))
    return "\n".join(parts)


def management_page() -> str:
    """Return the reference of our management commands, by application."""
    from django.core.management import get_commands, load_command_class

    parts = [
        "# Management commands\n",
        "Run them as `.venv/bin/python manage.py NAME`; in the containers as shown in",
        "[Deploy](../howto/deploy.md). Every command also takes Django's own options, such as `--verbosity`.\n",
    ]
    for name, application in sorted(get_commands().items()):
        if not isinstance(application, str) or not application.startswith(names.OUR_COMMANDS):
            continue
        command = load_command_class(application, name)
        parser = command.create_parser("manage.py", name)
        parts.append(_section(name, command.help, parser))
    return "\n".join(parts)


def _leaves(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield commands without subcommands: full name, help line, parser."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for group in groups:
        help_of = {choice.dest: choice.help or "" for choice in group._choices_actions}
        for word, child in group.choices.items():
            nested = list(_leaves(child, f"{name} {word}"))
            yield from nested or [(f"{name} {word}", help_of.get(word, ""), child)]


def _section(name: str, description: str, parser: argparse.ArgumentParser) -> str:
    rows = option_rows(parser)
    usage = " ".join(_usage(action) for action in parser._actions if action.dest not in _BUILT_IN)
    prefix = name if " " in name else f"manage.py {name}"
    parts = [f"## {name.removeprefix('python -m ml ')}\n", f"{_sentence(description)}\n"]
    parts.append(f"```console\n$ {f'{prefix} {usage}'.strip()}\n```\n")
    if rows:
        parts.append(table(["option", "value, default", "meaning"], rows))
    return "\n".join(parts) + "\n"


def option_rows(parser: argparse.ArgumentParser) -> list[list[str]]:
    """Return a row per option: names, value and default, meaning. Django's own options are left out."""
    return [
        [_names(action), _value(action), cell(_help(action))]
        for action in parser._actions
        if action.dest not in _BUILT_IN and action.help is not argparse.SUPPRESS
    ]


def _names(action: argparse.Action) -> str:
    return ", ".join(f"`{name}`" for name in action.option_strings) or f"`{action.metavar or action.dest}`"


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return "flag"
    parts = [f"one of {', '.join(f'`{choice}`' for choice in action.choices)}" if action.choices else ""]
    if action.default not in (None, argparse.SUPPRESS, []) and action.default != "":
        default = action.default
        parts.append(f"default `{_relative(default) if isinstance(default, PurePath) else default}`")
    elif action.required:
        parts.append("required")
    return cell("; ".join(part for part in parts if part))


def _help(action: argparse.Action) -> str:
    return _sentence((action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%"))


def _usage(action: argparse.Action) -> str:
    value = str(action.metavar or action.dest.upper()) if action.nargs != 0 else ""
    text = f"{action.option_strings[0]} {value}".strip() if action.option_strings else value
    return text if action.required else f"[{text}]"


def _relative(path: PurePath) -> str:
    """Return a default path relative to the repository, so that a page does not depend on the machine that built it."""
    root = PurePath(importlib.import_module("tools").__path__[0]).parent
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]
