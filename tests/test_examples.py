"""The usage examples in docstrings hold."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from paths import ROOT

SOURCE = ROOT / "src"
HEAVY = {"parkqa/models/library.py", "parkqa/models/workers.py", "parkqa/web/pages/chat.py"}
"""They import torch and Gradio, which takes seconds."""
WITH_EXAMPLES = [path for path in sorted(SOURCE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]


def relative(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def cases() -> list[ParameterSet]:
    slow = [pytest.mark.slow]
    return [pytest.param(relative(path), marks=slow if relative(path) in HEAVY else []) for path in WITH_EXAMPLES]


@pytest.mark.parametrize("path", cases())
def test_the_examples_of_a_module_hold(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    name = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    result = doctest.testmod(import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_there_are_examples_of_what_is_exported() -> None:
    names = {relative(path).removeprefix("parkqa/") for path in WITH_EXAMPLES}
    assert {"__init__.py", "engine.py", "errors.py", "settings.py", "types/answers.py", "testing/__init__.py"} <= names
