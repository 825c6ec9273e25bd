"""The contact of park.yaml: one text, or particulars of the park's office such as telephone and address.

It is what staff wrote, shown as such and never as a quotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node

from parkqa.corpus.curation.yaml_source import entries_of, value_of
from parkqa.errors import ParkFileError
from parkqa.types import Language

LABELS: Mapping[str, Mapping[Language, str]] = {
    "telephone": {"zh": "电话", "en": "Telephone"},
    "email": {"zh": "邮箱", "en": "E-mail"},
    "address": {"zh": "地址", "en": "Address"},
    "hours": {"zh": "接待时间", "en": "Hours"},
    "directions": {"zh": "怎么走", "en": "How to get there"},
    "map": {"zh": "地图", "en": "Map"},
}
"""The particulars that a contact may have, in the order in which they are shown, and what they are called."""
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
"""Kinds of file that ``map`` may name. SVG is none of them: it can hold scripts."""
LARGEST = 2 * 1024 * 1024
"""Maximum size of a map in bytes; chosen by hand, for phones on a mobile network."""


def particulars(path: Path, node: Node) -> dict[str, str] | None:
    """Return the particulars of a contact in the order of LABELS; None if the node is not a mapping.

    Raises:
        ParkFileError: a key is unknown or given twice, a value is not text, or ``map`` is not a picture in the corpus.
    """
    if not isinstance(node, MappingNode):
        return None
    found = {key: _text(path, line, key, value_of(path, value)) for key, value, line in entries_of(path, node)}
    if found.get("map"):
        line = next(line for key, _, line in entries_of(path, node) if key == "map")
        _check_map(path, line, found["map"])
    return {key: found[key] for key in LABELS if found.get(key)}


def _text(path: Path, line: int, key: str, value: Any) -> str:
    if key not in LABELS:
        raise ParkFileError(
            path,
            line,
            f"不认识 {key}，contact 可写的有：{'、'.join(LABELS)}。",
            f"{key} is not known; a contact can have: {', '.join(LABELS)}.",
        )
    if not isinstance(value, str | None):
        raise ParkFileError(
            path, line, f"{key} 应是一行文字，请加上引号。", f"{key} must be text; put it in quotation marks."
        )
    return (value or "").strip()


def _check_map(path: Path, line: int, name: str) -> None:
    picture = map_file(path.parent, name)
    if picture is None or picture.stat().st_size > LARGEST:
        raise ParkFileError(
            path,
            line,
            f"map 应是资料文件夹里一张不超过 {LARGEST >> 20} MB 的图片（{'、'.join(PICTURES)}），没有找到 {name}。",
            f"map must name a picture of at most {LARGEST >> 20} MB ({', '.join(PICTURES)}) in the corpus folder; "
            f"{name} is none.",
        )


def map_file(corpus: Path, name: str) -> Path | None:
    """Return the picture that ``map`` names; None if it is no picture in the corpus folder."""
    try:
        folder = corpus.resolve()
        picture = (folder / name).resolve()
        inside = picture.is_relative_to(folder) and picture.suffix.lower() in PICTURES and picture.is_file()
    except (OSError, ValueError):  # a name that the system does not take
        return None
    return picture if inside else None


def as_line(found: Mapping[str, str], language: Language) -> str:
    """Return particulars as one line of text, without the map.

    >>> as_line({"telephone": "0510-1", "map": "map.png"}, "zh")
    '电话：0510-1'
    """
    if language == "en":
        return "; ".join(f"{LABELS[key]['en']}: {value}" for key, value in found.items() if key != "map")
    return "；".join(f"{LABELS[key]['zh']}：{value}" for key, value in found.items() if key != "map")
