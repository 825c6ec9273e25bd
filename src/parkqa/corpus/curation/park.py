"""What staff say of their park in ``corpus/park.yaml``: read and checked, errors with file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import Node

from parkqa.corpus.curation.yaml_source import entries_of, read_node, value_of
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


def load_park(corpus: Path) -> Park:
    """Read ``park.yaml`` of a corpus; without the file, or a key of it, the defaults stand.

    Raises:
        ParkFileError: the file is no YAML, or a key is unknown, doubled or of the wrong type; names the line.
    """
    path = corpus / FILE
    if not path.exists():
        return Park()
    values: dict[str, Any] = {}
    for key, node, line in entries_of(path, read_node(path)):
        told = _documents(path, node) if key == "documents" else _checked(path, line, key, value_of(path, node))
        values[key] = told
    return Park(**values)


def _documents(path: Path, node: Node) -> dict[str, dict[str, str]]:
    """What is said of single documents, checked entry by entry."""
    return {
        document: {
            key: _particular(path, line, key, value_of(path, said)) for key, said, line in entries_of(path, entry)
        }
        for document, entry, _ in entries_of(path, node)
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
