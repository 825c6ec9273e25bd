"""Reads YAML with line numbers, so that errors can name the line.

A file is first composed to nodes, which have positions, and values are constructed from the nodes.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from parkqa.errors import ParkFileError


class BadYaml(ValueError):
    """Invalid YAML; ``line`` is 1-based."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def entries_of(path: Path, node: Node | None) -> list[tuple[str, Node, int]]:
    """Return the entries of a mapping as (key, node of the value, 1-based line); none for an empty node.

    Raises:
        ParkFileError: the node is not a mapping, or has a key twice; the error names ``path`` and the line.
    """
    if node is None or (isinstance(node, ScalarNode) and str(node.tag).endswith(":null")):
        return []
    if not isinstance(node, MappingNode):
        line = node.start_mark.line + 1
        raise ParkFileError(path, line, "应为一行一项的“名称: 值”。", "lines of the form `name: value` are expected.")
    entries = [(str(k.value), v, k.start_mark.line + 1) for k, v in node.value]
    seen: set[str] = set()
    for key, _, line in entries:
        if key in seen:
            raise ParkFileError(path, line, f"{key} 写了两次，请只留一处。", f"{key} stands here twice; keep one.")
        seen.add(key)
    return entries


def read_list(path: Path) -> list[tuple[Any, int]]:
    """Read a YAML file that is a list; return (value, 1-based line) for each entry, none for an empty file.

    Raises:
        ParkFileError: it cannot be read, is not valid YAML or is not a list; the error names the line.
    """
    node = read_node(path)
    if node is None:
        return []
    if not isinstance(node, SequenceNode):
        raise ParkFileError(
            path, 1, "应为列表，每条以“- ”开头。", "a list is expected, each entry beginning with `- `."
        )
    return [(value_of(path, entry), entry.start_mark.line + 1) for entry in node.value]


def read_node(path: Path) -> Any:
    """Return the root node of a YAML file, None if it is empty.

    Raises:
        ParkFileError: it cannot be read or is not valid YAML; the error names the line.
    """
    try:
        return compose(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ParkFileError(
            path, 0, "读不了，请确认它是 UTF-8 文件。", "it cannot be read; it must be UTF-8."
        ) from error
    except BadYaml as error:
        raise _wrong(path, error) from error


def value_of(path: Path, node: Node) -> Any:
    """Return the value of a node of the file ``path``.

    Raises:
        ParkFileError: the value is not valid, see ``construct``; the error names the line.
    """
    try:
        return construct(node)
    except BadYaml as error:
        raise _wrong(path, error) from error


def _wrong(path: Path, error: BadYaml) -> ParkFileError:
    return ParkFileError(
        path,
        error.line,
        "这里不是正确的 YAML，请检查缩进、冒号和引号。",
        "this is not valid YAML; check indents, colons and quotation marks.",
    )


@lru_cache(maxsize=8)  # a glossary takes a quarter of a second, and is read again whenever another file changes
def compose(text: str) -> Node | None:
    """Parse YAML 1.2 to its root node; None if the text has no content. The node is shared: change nothing in it.

    Raises:
        BadYaml: the text is not valid YAML, or nested too deeply to be parsed.

    >>> construct(compose("a: [1, 2]"))
    {'a': [1, 2]}
    """
    loader = YAML(typ="safe", pure=True)
    try:
        node: Node | None = loader.compose(text)
    except ReaderError as error:  # a character that YAML does not allow
        raise BadYaml(text.count("\n", 0, error.position) + 1) from error
    except (YAMLError, RecursionError) as error:
        raise BadYaml(_line(error, text.rstrip().count("\n"))) from error
    return node


def construct(node: Node) -> Any:
    """Construct the Python value of a node.

    Raises:
        BadYaml: a value does not fit its type (the date 2024-13-45), or a mapping has a key twice.
    """
    try:
        return YAML(typ="safe", pure=True).constructor.construct_document(node)
    except Exception as error:  # for a value that does not fit its type, not always a YAMLError
        raise BadYaml(_line(error, node.start_mark.line)) from error


def _line(error: Exception, otherwise: int) -> int:
    """Return the 1-based line of an error; ``otherwise`` is the 0-based line if the error has none."""
    mark = getattr(error, "problem_mark", None)
    return (mark.line if mark else otherwise) + 1
