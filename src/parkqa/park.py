"""What staff say of their park in ``corpus/park.yaml``: read and checked, errors with file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from parkqa.errors import ParkFileError

FILE = "park.yaml"
COLOUR = "#0b6b76"
PARTICULARS = ("title", "date", "valid_until")
"""What can be said of a document."""


@dataclass(frozen=True, slots=True)
class Park:
    """The park's names, the questions to suggest, the contact to show on a refusal ("": none), the theme colour.

    ``documents`` maps the path of a document to what is said of it: ``title``, ``date``, ``valid_until``.
    """

    name: str = "园区"
    short_names: tuple[str, ...] = ()
    english_name: str = "the park"
    suggestions: tuple[str, ...] = ()
    suggestions_en: tuple[str, ...] = ()
    contact: str = ""
    colour: str = COLOUR
    documents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class BadYaml(ValueError):
    """YAML that cannot be read; ``line`` is 1-based."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def load_park(corpus: Path) -> Park:
    """Read ``park.yaml`` of a corpus; without the file, or a key of it, the defaults stand.

    Raises:
        ParkFileError: the file is no YAML, or a key is unknown, doubled or of the wrong type; names the line.
    """
    path = corpus / FILE
    if not path.exists():
        return Park()
    values: dict[str, Any] = {}
    for key, node, line in _entries(path, _node(path)):
        told = _documents(path, node) if key == "documents" else _checked(path, line, key, _value(path, node))
        values[key] = told
    return Park(**values)


def _documents(path: Path, node: yaml.Node) -> dict[str, dict[str, str]]:
    """What is said of single documents, checked entry by entry."""
    return {
        document: {key: _particular(path, line, key, _value(path, said)) for key, said, line in _entries(path, entry)}
        for document, entry, _ in _entries(path, node)
    }


def _particular(path: Path, line: int, key: str, value: Any) -> str:
    if key not in PARTICULARS:
        raise ParkFileError(
            path,
            line,
            f"不认识 {key}，资料可写的有：{'、'.join(PARTICULARS)}。",
            f"{key} is not known; of a document can be told: {', '.join(PARTICULARS)}.",
        )
    text = "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()
    if not text or (key == "valid_until" and not is_day(text)):
        example = "标题 / a title" if key == "title" else "2026-12-31"
        raise ParkFileError(
            path, line, f"{key} 应写成一行，如 {example}。", f"{key} must be one line of text such as {example}."
        )
    return text


def is_day(text: str) -> bool:
    """Whether a text is a day such as 2026-12-31."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _entries(path: Path, node: yaml.Node | None) -> list[tuple[str, yaml.Node, int]]:
    """The keys of a mapping with their values, not yet made, and lines; what is left empty has none."""
    if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
        return []
    if not isinstance(node, yaml.MappingNode):
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
    """Read a YAML list as (value, line), lines 1-based.

    Raises:
        ParkFileError: it is no list.
    """
    node = _node(path)
    if node is None:
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise ParkFileError(
            path, 1, "应为列表，每条以“- ”开头。", "a list is expected, each entry beginning with `- `."
        )
    return [(_value(path, entry), entry.start_mark.line + 1) for entry in node.value]


def _node(path: Path) -> Any:
    try:
        return compose(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ParkFileError(
            path, 0, "读不了，请确认它是 UTF-8 文件。", "it cannot be read; it must be UTF-8."
        ) from error
    except BadYaml as error:
        raise _wrong(path, error) from error


def _value(path: Path, node: yaml.Node) -> Any:
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


def compose(text: str) -> yaml.Node | None:
    """Compose YAML; None when there is nothing in it.

    Raises:
        BadYaml: it is none, or nested beyond all sense.
    """
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:  # a character that YAML forbids
        raise BadYaml(text.count("\n", 0, error.position) + 1) from error
    try:
        return loader.get_single_node()
    except (yaml.YAMLError, RecursionError) as error:
        raise BadYaml(_line(error, loader.line)) from error


def construct(node: yaml.Node) -> Any:
    """Make the value of a node.

    Raises:
        BadYaml: the value is none of its kind (2024-13-45).
    """
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    except Exception as error:  # a value that does not fit its tag is a YAMLError only by chance
        raise BadYaml(_line(error, node.start_mark.line)) from error
    finally:
        loader.dispose()


def _line(error: Exception, otherwise: int) -> int:
    mark = getattr(error, "problem_mark", None)
    return (mark.line if mark else otherwise) + 1


def _checked(path: Path, line: int, key: str, value: Any) -> Any:
    known = {each.name: each.type for each in fields(Park)}
    if key not in known:
        raise ParkFileError(
            path,
            line,
            f"不认识 {key}，可用的有：{'、'.join(known)}。",
            f"{key} is not known; there are: {', '.join(known)}.",
        )
    if known[key] == "str":
        return _text(path, line, key, value)
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(entry, str) and entry.strip() for entry in value):
        return tuple(dict.fromkeys(entry.strip() for entry in value))
    raise ParkFileError(
        path, line, f"{key} 应是一组文字，每条以“- ”开头。", f"{key} must be a list of texts, each beginning with `- `."
    )


def _text(path: Path, line: int, key: str, value: Any) -> str:
    text = "" if value is None else value
    if not isinstance(text, str):
        raise ParkFileError(
            path, line, f"{key} 应是一行文字，请加上引号。", f"{key} must be text; put it in quotation marks."
        )
    if key == "colour" and not re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", text):
        raise ParkFileError(path, line, 'colour 应写成 "#0b6b76" 这样。', 'colour must be written like "#0b6b76".')
    return text.strip()
