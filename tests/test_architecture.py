"""``docs/architecture.md`` says what is there, and the code keeps the rules of the house."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import pytest

from paths import ROOT, TESTS

PACKAGE = ROOT / "src" / "parkqa"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
TOP_MODULES = 8
LONGEST_FUNCTION = 60
NO_ROOMS = {"data", "browser"}
"""Folders of ``tests/`` that mirror no room."""
SUFFIXES = {"py", "yaml", "json", "jsonl", "md", "txt", "toml", "html", "js", "css"}


def section(title: str, page: str = PAGE) -> str:
    """Return what stands under a heading that begins with ``title``, down to the next one of its level."""
    found = re.search(rf"^(#+) {re.escape(title)}.*?\n(.*?)(?=^#{{1,2}} |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title!r}"
    text = found[2]
    return text.partition(f"\n{found[1]} ")[0]


def block(text: str) -> list[str]:
    """Return the lines of the first fenced block."""
    lines = text.splitlines()
    assert "```" in lines, "no fenced block"
    return list(takewhile(lambda line: line != "```", lines[lines.index("```") + 1 :]))


def tree(lines: list[str]) -> dict[str, str]:
    """Return the description of each path of a tree; a folder's path ends with a slash."""
    entries: dict[str, str] = {}
    above: list[str] = []
    for line in filter(str.strip, lines):
        found = re.fullmatch(r"((?:  )*)(\S+)(?:  +(\S.*))?", line)
        assert found, f"no line of a tree: {line!r}"
        depth = len(found[1]) // 2
        assert depth <= len(above), f"indented too far: {line!r}"
        above[depth:] = [found[2]] if found[2].endswith("/") else []
        path = "".join((*above[:depth], found[2]))
        assert path not in entries, f"named twice: {path}"
        entries[path] = (found[3] or "").strip()
    return entries


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def is_bare(module: ast.Module) -> bool:
    """Whether there is nothing but a docstring."""
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in module.body)


def passes_on(module: ast.Module) -> bool:
    """Whether a module defines nothing: no function, no class, no value of its own (``x = other.x`` is none)."""
    return not any(map(_defines, module.body))


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    if not isinstance(node, ast.Assign | ast.AnnAssign) or isinstance(node.value, ast.Name | ast.Attribute | None):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return not any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def long_functions(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.name}: {lines} lines"


def names(text: str) -> list[str]:
    """Return the names of the code in backticks: ``module.function``, file names left out."""
    found = re.findall(r"`([A-Za-z_]\w*(?:\.\w+)+)`", text)
    return [name for name in found if name.rpartition(".")[2] not in SUFFIXES and not name.startswith("parkqa.")]


def exists(name: str) -> bool:
    """Whether ``module.attribute…`` is there below the package: the longest module is imported, the rest looked up."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        module = ".".join(("parkqa", *parts[:length]))
        if not _is_module(module):
            continue
        value: object = importlib.import_module(module)
        for part in parts[length:]:
            if not hasattr(value, part):
                return False
            value = getattr(value, part)
        return True
    return False


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def files(text: str) -> list[str]:
    """Return the paths in backticks, of the project's folders or files; those with ``<name>`` are left out."""
    found = re.findall(r"`((?:[\w.-]+/)*[\w.-]+(?:/|\.\w+)(?:::\w+)?)`", text)
    top = {path.name for path in ROOT.iterdir()}
    return [path for path in found if path.split("::")[0].split("/")[0] in top]


def is_there(path: str) -> bool:
    file, _, test = path.partition("::")
    there = (ROOT / file).exists()
    return there and (not test or f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"))


TREE = tree(block(section("The tree")))
ENTRIES = {path.removeprefix("parkqa/"): description for path, description in TREE.items()}
TRAVELS = [section(f"How a {what} travels") for what in ("question", "document")]


def test_every_module_stands_in_the_tree() -> None:
    there = [path for path in modules() if path.name != "__init__.py" or not is_bare(parsed(path))]
    rooms = {f"{path.parent.relative_to(PACKAGE).as_posix()}/" for path in modules()} - {"./"}
    assert {path.relative_to(PACKAGE).as_posix() for path in there} | rooms <= set(ENTRIES)


def test_all_that_the_tree_names_is_there() -> None:
    assert [path for path in ENTRIES if not (PACKAGE / path).exists()] == []


def test_every_line_of_the_tree_says_what_it_is_for() -> None:
    assert [path for path, description in ENTRIES.items() if path and not description] == []


@pytest.mark.parametrize("line", ["   odd.py  a", "      deep.py  a", "a.py  one\n  a.py  two"])
def test_a_tree_that_is_none_is_noticed(line: str) -> None:
    with pytest.raises(AssertionError):
        tree(["parkqa/", *f"  {line}".splitlines()])


def test_a_line_without_a_description_is_noticed() -> None:
    assert tree(["parkqa/", "  a/   room", "    b.py"]) == {"parkqa/": "", "parkqa/a/": "room", "parkqa/a/b.py": ""}


@pytest.mark.parametrize("text", TRAVELS, ids=["question", "document"])
def test_what_a_way_names_is_there(text: str) -> None:
    assert len(names(text)) > 30
    assert [name for name in names(text) if not exists(name)] == []


def test_so_is_what_the_rest_of_the_page_names() -> None:
    assert [name for name in names(PAGE) if not exists(name)] == []


@pytest.mark.parametrize(
    "name", ["engine.Engine.fly", "engines.Engine", "search.pipeline.Pipelines.rank", "text.folding.x", "os.path"]
)
def test_a_name_that_is_none_is_noticed(name: str) -> None:
    assert names(f"see `{name}`") == [name]
    assert not exists(name)


def test_the_files_and_tests_to_touch_are_there() -> None:
    named = files(section("Where to add"))
    assert len(named) > 40
    assert [path for path in named if not is_there(path)] == []


@pytest.mark.parametrize("path", ["tests/test_nothing.py", "src/parkqa/no/", "tests/test_docs.py::test_nothing"])
def test_a_file_that_is_none_is_noticed(path: str) -> None:
    assert files(f"see `{path}`") == [path]
    assert not is_there(path)


def test_the_layers_are_those_that_are_held() -> None:
    layered = [contract for contract in CONTRACTS if contract["type"] == "layers"]
    held = {f"`{name}`": contract["layers"] for contract in layered for name in contract["containers"]}
    named = re.findall(r"^### Layers of (.+)$", PAGE, re.MULTILINE)
    assert {name: block(section(f"Layers of {name}\n")) for name in named} == held


def test_the_stores_that_are_independent_are_named() -> None:
    independent = {name for each in CONTRACTS if each["type"] == "independence" for name in each["modules"]}
    text = section("The layers").replace("\n", " ")
    assert independent <= set(re.findall(r"`(parkqa\.store\.\w+)`", text))


def test_few_modules_lie_at_the_top() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= TOP_MODULES


def test_no_function_is_long() -> None:
    found = [f"{path.relative_to(PACKAGE)}: {each}" for path in modules() for each in long_functions(parsed(path))]
    assert found == []


def test_a_long_function_is_noticed_wherever_it_stands() -> None:
    body = "\n".join(["        x = 1"] * LONGEST_FUNCTION)
    module = ast.parse(f"class A:\n    async def long(self):\n{body}\n")
    assert list(long_functions(module)) == [f"long: {LONGEST_FUNCTION + 1} lines"]


def test_no_module_only_passes_on() -> None:
    # The others with two underscores are the doors of packages, and what ``python -m`` runs.
    own = [path for path in modules() if not path.name.startswith("__")]
    assert [path.relative_to(PACKAGE).as_posix() for path in own if passes_on(parsed(path))] == []


@pytest.mark.parametrize(
    "source",
    [
        '"""Old name."""',
        "from os import path\n__all__ = ['path']",
        "import os\njoin = os.path.join",
        "a: int",
        "from a import *",
    ],
)
def test_a_module_that_only_passes_on_is_noticed(source: str) -> None:
    assert passes_on(ast.parse(source))


@pytest.mark.parametrize("source", ["LIMIT = 3", "def f(): ...", "class A: ...", "a: int = 3", "async def f(): ..."])
def test_a_module_with_something_of_its_own_is_one(source: str) -> None:
    assert not passes_on(ast.parse(source))


def test_every_folder_of_tests_is_a_room() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("*.py")} - {Path()}
    rooms = {path.parent.relative_to(PACKAGE) for path in modules()}
    assert {folder for folder in folders if folder.parts[0] not in NO_ROOMS} <= rooms
