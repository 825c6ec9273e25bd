"""The README names every command, option and setting that there is, and none that there is not."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from parkqa.cli.commands import app
from parkqa.settings import Settings

README = Path(__file__).parent.parent / "README.md"
SETTINGS = {f"PARKQA_{name.upper()}" for name in Settings.model_fields}
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
CALL = re.compile(r"^\s*(?:\$ +|\w+=\S+ +)*(?:\S*[/\\])?parkqa(?:\.exe)? ([^#|<>\n]+)", re.MULTILINE)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def options(command: Any) -> set[str]:
    return {"--help"} | {name for parameter in command.params for name in parameter.opts if name.startswith("-")}


PROGRAM = get_command(app)
COMMANDS = {(): PROGRAM, **dict(commands(PROGRAM))}
"""The program itself and every command that does something, by its words: ``("model", "list")``."""


def calls(text: str) -> list[list[str]]:
    """Return the words after ``parkqa`` of each call in the code of ``text``."""
    code = "\n".join(block or span for block, span in CODE.findall(text))
    return [shlex.split(call.replace("[", " ").replace("]", " ")) for call in CALL.findall(code)]


def command_of(words: list[str]) -> tuple[str, ...] | None:
    """Return the words that name the command called; None where there is no such command."""
    names = tuple(takewhile(lambda word: not word.startswith("-"), words))
    return next((names[:count] for count in (2, 1) if names[:count] in COMMANDS), None) if names else ()


def unknown(text: str) -> list[list[str]]:
    """Return the calls in ``text`` of a command or with an option that does not exist."""
    wrong = []
    for words in calls(text):
        command = COMMANDS.get(command_of(words))
        given = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
        if command is None or given - options(command):
            wrong.append(words)
    return wrong


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text(encoding="utf-8")


def test_every_setting_is_in_the_readme_and_no_other(readme: str) -> None:
    assert set(re.findall(r"PARKQA_[A-Z_]*[A-Z]", readme)) == SETTINGS


def test_every_command_is_in_the_readme(readme: str) -> None:
    assert {command_of(words) for words in calls(readme)} >= set(COMMANDS)


def test_every_option_is_in_the_readme(readme: str) -> None:
    named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", readme))
    assert {option for command in COMMANDS.values() for option in options(command)} - {"--help"} <= named


def test_the_readme_names_no_command_or_option_that_does_not_exist(readme: str) -> None:
    assert unknown(readme) == []


@pytest.mark.parametrize(
    "text", ["`parkqa fly`", "`parkqa build --faster`", "```sh\n$ .venv/bin/parkqa model import --now\n```"]
)
def test_what_does_not_exist_is_noticed(text: str) -> None:
    assert unknown(text)
