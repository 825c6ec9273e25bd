"""The park's configuration (``park.yaml``): names, suggested questions, contact, and properties of documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import Node

from parkqa.corpus.curation.contact import as_line, particulars
from parkqa.corpus.curation.logo import read_logo
from parkqa.corpus.curation.yaml_source import entries_of, read_node, value_of
from parkqa.corpus.readers.draft import Unreadable
from parkqa.errors import ParkFileError
from parkqa.types import Language

FILE = "park.yaml"
COLOUR = "#0b6b76"
"""The default theme colour."""
PARTICULARS = ("title", "date", "valid_until", "staff_only")
"""The properties of a document that park.yaml can set."""
STAFF_ONLY = "staff_only"
"""The one of them that is yes or no: whether visitors are kept from the document."""
_FOUND = ("office", "logo_version")
"""The values that come of other keys."""
_CONTACTS: Mapping[str, Language] = {"contact": "zh", "contact_en": "en"}


@dataclass(frozen=True, slots=True)
class Park:
    """The values of park.yaml, or their defaults.

    These are the park's names, the questions to suggest in Chinese and English, the contact in both (one line; "" for
    none), the theme colour, and what search engines and link previews say of the page ("" for a sentence of ours).
    ``logo`` is the file of the logo, "" for none, and ``logo_version`` what its address ends with (see ``logo.Logo``).
    ``documents`` maps the path of a document to its properties, see PARTICULARS.
    ``messages`` tells whether visitors may leave messages. ``office`` has the particulars of the contacts that have
    any, by the key of the contact (see ``contact.LABELS``).
    """

    name: str = "园区"
    short_names: tuple[str, ...] = ()
    english_name: str = "the park"
    suggestions: tuple[str, ...] = ()
    suggestions_en: tuple[str, ...] = ()
    contact: str = ""
    contact_en: str = ""
    colour: str = COLOUR
    logo: str = ""
    logo_version: str = ""
    description: str = ""
    messages: bool = False
    documents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    office: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def pictures(self) -> tuple[str, ...]:
        """The files in the corpus folder that it names as pictures; they are no documents."""
        maps = (reached.get("map", "") for reached in self.office.values())
        return tuple(name for name in (self.logo, *maps) if name)

    def reached(self, language: Language) -> tuple[str, Mapping[str, str]]:
        """Return the contact for readers of a language, as one line and by particulars; else that for the others."""
        keys = sorted(_CONTACTS, key=lambda key: _CONTACTS[key] != language)
        key = next((key for key in keys if getattr(self, key) or key in self.office), keys[0])
        return getattr(self, key), self.office.get(key, {})


def load_park(corpus: Path) -> Park:
    """Read ``park.yaml`` in a corpus folder; missing keys, or a missing file, have the defaults of ``Park``.

    Raises:
        ParkFileError: the file is not valid YAML, or a key is unknown, repeated or of the wrong type; the error names
            the line.
    """
    path = corpus / FILE
    if not path.exists():
        return Park()
    values: dict[str, Any] = {}
    for key, node, line in entries_of(path, read_node(path)):
        if key in _CONTACTS and (found := particulars(path, node)) is not None:
            values.setdefault("office", {})[key] = found
            values[key] = as_line(found, _CONTACTS[key])
        else:
            value = _documents(path, node) if key == "documents" else _checked(path, line, key, value_of(path, node))
            values[key] = value
            if key == "logo" and value:
                values["logo_version"] = _logo_version(path, line, str(value))
    park = Park(**values)
    if park.messages and not any(getattr(park, key) for key in _CONTACTS):
        raise _nobody_to_ask(path)
    return park


def _nobody_to_ask(path: Path) -> ParkFileError:
    line = next(line for key, _, line in entries_of(path, read_node(path)) if key == "messages")
    return ParkFileError(
        path,
        line,
        "要收留言，就要写 contact：访客得知道找谁删除自己的留言。",
        "To take messages, write a contact too: visitors are told whom to ask to have theirs deleted.",
    )


def _documents(path: Path, node: Node) -> dict[str, dict[str, str]]:
    """Return the properties of documents by path, checked one by one."""
    return {
        document: {
            key: _particular(path, line, key, value_of(path, value)) for key, value, line in entries_of(path, entry)
        }
        for document, entry, _ in entries_of(path, node)
    }


def _particular(path: Path, line: int, key: str, value: Any) -> str:
    """Return one property of a document; raise ParkFileError if it is unknown or its value cannot be used."""
    if key not in PARTICULARS:
        raise ParkFileError(
            path,
            line,
            f"不认识 {key}，资料可写的有：{'、'.join(PARTICULARS)}。",
            f"{key} is not known; of a document can be told: {', '.join(PARTICULARS)}.",
        )
    if key == STAFF_ONLY:
        return "true" if _yes_or_no(path, line, key, value) else "false"
    text = "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()
    if not text or (key == "valid_until" and not is_day(text)):
        example = "标题 / a title" if key == "title" else "2026-12-31"
        raise ParkFileError(
            path, line, f"{key} 应写成一行，如 {example}。", f"{key} must be one line of text such as {example}."
        )
    return text


def _yes_or_no(path: Path, line: int, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ParkFileError(path, line, f"{key} 应写成 true 或 false。", f"{key} must be either true or false.")
    return value


def is_day(text: str) -> bool:
    """Return whether a text is a valid date in the form YYYY-MM-DD.

    >>> is_day("2026-12-31"), is_day("2026-02-30"), is_day("2026")
    (True, False, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _checked(path: Path, line: int, key: str, value: Any) -> Any:
    """Return the value of a key as a text, a tuple of texts, or yes or no.

    Raises:
        ParkFileError: the key is unknown, or its value cannot be used.
    """
    known = {each.name: each.type for each in fields(Park) if each.name not in _FOUND}
    if key not in known:
        raise ParkFileError(
            path,
            line,
            f"不认识 {key}，可用的有：{'、'.join(known)}。",
            f"{key} is not known; there are: {', '.join(known)}.",
        )
    if known[key] == "str":
        return _text(path, line, key, value)
    if known[key] == "bool":
        return _yes_or_no(path, line, key, value)
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(entry, str) and entry.strip() for entry in value):
        return tuple(dict.fromkeys(entry.strip() for entry in value))
    raise ParkFileError(
        path, line, f"{key} 应是一组文字，每条以“- ”开头。", f"{key} must be a list of texts, each beginning with `- `."
    )


def _text(path: Path, line: int, key: str, value: Any) -> str:
    """Return the value of a key that is one text; raise ParkFileError if it is not."""
    text = "" if value is None else value
    if not isinstance(text, str):
        raise ParkFileError(
            path, line, f"{key} 应是一行文字，请加上引号。", f"{key} must be text; put it in quotation marks."
        )
    if key == "colour" and not re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", text):
        raise ParkFileError(path, line, 'colour 应写成 "#0b6b76" 这样。', 'colour must be written like "#0b6b76".')
    return text.strip()


def _logo_version(path: Path, line: int, name: str) -> str:
    try:
        return read_logo(path.parent, name).version
    except Unreadable as error:
        raise ParkFileError(path, line, f"logo（{name}）：{error.zh}", f"logo ({name}): {error.en}") from error
