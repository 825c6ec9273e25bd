"""Changes single values in the text of a curated file; all else stays as it is, character for character.

Values are found by the places that the parser tells, and only these characters are replaced, so that comments, order,
quotation marks and blank lines are kept. What comes out is parsed again and held against what was wanted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeGuard

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from parkqa.corpus.curation.edits import BadEdit, is_plain
from parkqa.corpus.curation.yaml_source import BadYaml, compose, construct

Value = str | bool | int | Sequence[str] | Mapping[str, str]
"""A value of a key; an empty text, list or mapping, or False, takes the key out."""
ON_ONE_LINE = frozenset({"terms", "en", "short_names"})
"""The keys whose new lists are written on one line, as people write them."""
_Patch = tuple[int, int, str]
"""Start and end (code points) of what is replaced, and by what."""


def with_values(text: str, values: Mapping[str, Value]) -> str:
    """Set keys of a file that is a mapping (park.yaml); keys that are not named stay.

    Raises:
        BadEdit: the file cannot be edited.

    >>> print(with_values("name: 园区 # 简称\\n", {"name": "苏州园区", "suggestions": ["几点开门？"]}), end="")
    name: 苏州园区 # 简称
    suggestions:
    - 几点开门？
    """
    root = _parsed(text)
    if _is_empty(root):
        return _checked(_after(text, _written(_given(values), "")), _applied({}, values) or None)
    patches = _set(text, _mapping(root), values)
    return _checked(_patched(text, patches), _applied(_constructed(root), values) or None)


def with_entry(text: str, place: int, values: Mapping[str, Value]) -> str:
    """Set keys of the entry at a place of a file that is a list, counted from 0; keys that are not named stay.

    Raises:
        BadEdit: the file cannot be edited.

    >>> with_entry("- terms: [园区, 开发区] # 旧\\n", 0, {"terms": ["园区", "新区"]})
    '- terms: [园区, 新区] # 旧\\n'
    """
    root = _list(text, place)
    wanted = _constructed(root)
    wanted[place] = _applied(wanted[place], values)
    return _checked(_patched(text, _set(text, _mapping(root.value[place]), values)), wanted)


def without_entry(text: str, place: int) -> str:
    """Take the entry at a place out of a file that is a list, counted from 0.

    Raises:
        BadEdit: the file cannot be edited.
    """
    root = _list(text, place)
    wanted = _constructed(root)
    del wanted[place]
    return _checked(_patched(text, [_lines(text, root.value[place])]), wanted or None)


def with_new_entry(text: str, values: Mapping[str, Value]) -> str:
    """Add an entry to a file that is a list.

    Raises:
        BadEdit: the file cannot be edited.
    """
    root = _parsed(text)
    wanted = [*(_constructed(root) or []), _applied({}, values)]
    entry = "- " + _written(_given(values), "  ").removeprefix("  ")
    if _is_empty(root):
        return _checked(_after(text, entry), wanted)
    if not isinstance(root, SequenceNode) or root.flow_style:
        raise BadEdit("no list of lines")
    indent = " " * root.start_mark.column
    at = _line_end(text, _end(text, root.value[-1]))
    added = "".join(f"\n{indent}{line}" for line in entry.rstrip("\n").split("\n"))
    return _checked(_patched(text, [(at, at, added)]), wanted)


def _parsed(text: str) -> Node | None:
    try:
        return compose(text)
    except BadYaml as error:
        raise BadEdit(str(error)) from error


def _constructed(node: Node | None) -> Any:
    try:
        return None if node is None else construct(node)
    except BadYaml as error:
        raise BadEdit(str(error)) from error


def _is_empty(node: Node | None) -> bool:
    return node is None or (isinstance(node, ScalarNode) and node.value == "" and node.style is None)


def _mapping(node: Node | None) -> MappingNode:
    if not isinstance(node, MappingNode):
        raise BadEdit("no mapping")
    return node


def _list(text: str, place: int) -> SequenceNode:
    root = _parsed(text)
    if not isinstance(root, SequenceNode) or not 0 <= place < len(root.value):
        raise BadEdit("no such entry")
    return root


def _given(values: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in values.items() if value}


def _applied(found: Any, values: Mapping[str, Value]) -> dict[str, Any]:
    """Return a mapping with some values set, as the parser is to return it in the end."""
    wanted = {key: value for key, value in dict(found).items() if values.get(key, True)}
    for key, value in _given(values).items():
        if isinstance(value, Mapping):
            wanted[key] = dict(value)
        else:
            wanted[key] = value if isinstance(value, str | bool | int) else list(value)
    return wanted


def _checked(text: str, wanted: Any) -> str:
    """Return the text if it says what is wanted; places in YAML can mislead (anchors, several keys on a line)."""
    if _constructed(_parsed(text)) != wanted:
        raise BadEdit("it is written in a way that cannot be changed")
    return text


def _patched(text: str, patches: Sequence[_Patch]) -> str:
    for start, end, new in sorted(patches, key=lambda patch: patch[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _after(text: str, block: str) -> str:
    """Return a file that holds comments at most, with something below them."""
    kept = "".join(line for line in text.splitlines(keepends=True) if line.lstrip().startswith("#"))
    return kept + ("" if not kept or kept.endswith("\n") else "\n") + block


def _set(text: str, node: MappingNode, values: Mapping[str, Value]) -> list[_Patch]:
    """Return what is to be replaced so that some keys of a mapping have other values."""
    if node.flow_style:
        whole = _applied(_constructed(node), values)
        return [(node.start_mark.index, node.end_mark.index, json.dumps(whole, ensure_ascii=False))]
    there = {str(key.value): (key, value) for key, value in node.value}
    patches: list[_Patch] = []
    for key, value in values.items():
        if key in there:
            patches += _changed(text, node, *there[key], value)
    new = {key: value for key, value in _given(values).items() if key not in there}
    if new:
        indent = " " * node.value[0][0].start_mark.column
        at = _line_end(text, _end(text, node))
        patches.append((at, at, "\n" + _written(new, indent).rstrip("\n")))
    return patches


def _changed(text: str, parent: MappingNode, key: Node, old: Node, value: Value) -> list[_Patch]:
    if not value:
        return [_without_key(text, parent, key, old)]
    if _constructed(old) == (value if isinstance(value, str | bool | int | dict) else [*value]):
        return []
    if isinstance(value, Mapping) and isinstance(old, MappingNode):
        gone = {str(each.value): "" for each, _ in old.value if str(each.value) not in value}
        return _set(text, old, {**gone, **value})
    if _is_line(old) and isinstance(value, str | bool | int):
        return [(old.start_mark.index, _end(text, old), _scalar(value, old.style))]
    if isinstance(old, SequenceNode) and not isinstance(value, str | bool | int | Mapping):
        return _items(text, old, [*value])
    indent = " " * key.start_mark.column
    new = _written({str(key.value): value}, indent).strip(" ").rstrip("\n")
    return [(key.start_mark.index, _value_end(text, key, old), new)]


def _is_line(node: Node) -> TypeGuard[ScalarNode]:
    return isinstance(node, ScalarNode) and not _is_empty(node) and node.style not in ("|", ">")


def _without_key(text: str, parent: MappingNode, key: Node, old: Node) -> _Patch:
    """Take a key out with its lines; the first one of an entry shares its line with the dash, which stays."""
    start = key.start_mark.index
    line = text.rfind("\n", 0, start) + 1
    if not text[line:start].strip():
        return line, min(len(text), _line_end(text, _value_end(text, key, old)) + 1), ""
    others = [each for each, _ in parent.value if each.start_mark.index > start]
    return start, others[0].start_mark.index if others else _value_end(text, key, old), ""


def _items(text: str, node: SequenceNode, wanted: list[str]) -> list[_Patch]:
    """Return what is to be replaced so that a list has other items; what is the same keeps its line and comments."""
    if node.flow_style or not node.value:
        if "#" in text[node.start_mark.index : node.end_mark.index]:
            raise BadEdit("there may be comments within the list")
        made = "[" + ", ".join(_scalar(each) for each in wanted) + "]"
        return [(node.start_mark.index, node.end_mark.index, made)]
    patches: list[_Patch] = []
    indent = " " * node.start_mark.column
    old = [str(each.value) for each in node.value]
    for kind, first, last, begin, end in SequenceMatcher(None, old, wanted, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        pairs = min(last - first, end - begin)
        for item, new in zip(node.value[first : first + pairs], wanted[begin : begin + pairs], strict=True):
            patches.append((item.start_mark.index, _end(text, item), _scalar(new, getattr(item, "style", None))))
        patches += [_lines(text, item) for item in node.value[first + pairs : last]]
        added = [f"{indent}- {_scalar(each)}" for each in wanted[begin + pairs : end]]
        if added and first + pairs:
            at = _line_end(text, _end(text, node.value[first + pairs - 1]))
            patches.append((at, at, "".join(f"\n{line}" for line in added)))
        elif added:
            at = text.rfind("\n", 0, node.start_mark.index) + 1
            patches.append((at, at, "".join(f"{line}\n" for line in added)))
    return patches


def _lines(text: str, node: Node) -> _Patch:
    """Take an item of a list out with its lines."""
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    return start, min(len(text), _line_end(text, _end(text, node)) + 1), ""


def _line_end(text: str, place: int) -> int:
    """Return where the line of a place ends, a comment behind it included."""
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _end(text: str, node: Node) -> int:
    """Return where what belongs to a node ends: the parser counts the comments behind it in."""
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _value_end(text, *last) if isinstance(last, tuple) else _end(text, last)
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return _end_of_lines(text, node)
    start: int = node.start_mark.index
    return start + len(text[start : node.end_mark.index].rstrip())


def _value_end(text: str, key: Node, value: Node) -> int:
    """Return where the value of a key ends; one that is left out ends at the colon, wherever the parser says it is."""
    colon: int = text.index(":", key.end_mark.index)
    return colon + 1 if _is_empty(value) else _end(text, value)


def _end_of_lines(text: str, node: ScalarNode) -> int:
    """Return where a text that is written over several lines ends: before comments that stand further to the left."""
    start: int = node.start_mark.index
    lines = text[start : node.end_mark.index].split("\n")
    first = next((line for line in lines[1:] if line.strip()), "")
    indent = len(first) - len(first.lstrip(" "))
    count = 1
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
            break
        count = number if line.strip() else count
    return start + len("\n".join(lines[:count]))


def _written(values: Mapping[str, Value], indent: str) -> str:
    """Return keys and values as lines that begin with ``indent``."""
    lines = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{key}:\n", _written(value, f"{indent}  ")]
        elif isinstance(value, str | bool | int):
            lines.append(f"{indent}{key}: {_scalar(value)}\n")
        elif key in ON_ONE_LINE:
            lines.append(f"{indent}{key}: [{', '.join(_scalar(each) for each in value)}]\n")
        else:
            lines += [f"{indent}{key}:\n", *(f"{indent}- {_scalar(each)}\n" for each in value)]
    return "".join(lines)


def _scalar(value: str | bool | int, style: str | None = None) -> str:
    """Return a value as YAML, in the quotation marks that the old one had, else in some where it needs them."""
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and is_plain(value):
        return value
    return json.dumps(value, ensure_ascii=False)
