"""park.yaml, glossary.yaml and faq.yaml as forms: what stands in them by field, and changes of single fields.

The files stay what people edit by hand: only the characters of what was changed are replaced (``curation.values``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parkqa.corpus.curation import faq, glossary, park
from parkqa.corpus.curation.contact import LABELS
from parkqa.corpus.curation.logo import LARGEST, STEM, Logo, logo_of, read_logo
from parkqa.corpus.curation.values import Value, with_entry, with_new_entry, with_values, without_entry
from parkqa.corpus.curation.yaml_source import BadYaml, compose, construct, entries_of
from parkqa.corpus.readers.draft import Unreadable
from parkqa.desk.editing import edited, save_text
from parkqa.desk.files import Files
from parkqa.desk.shelf import Shelf
from parkqa.engine import Engine
from parkqa.errors import ParkFileError, ParkqaError
from parkqa.text.folding import folded

TEXTS = ("name", "english_name", "description", "colour")
LISTS = ("short_names", "suggestions", "suggestions_en")
CONTACTS = ("contact", "contact_en")
ENTRIES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    glossary.FILE: (("terms", "en"), ("note",)),
    faq.FILE: (("questions",), ("document", "quote", "heading", "occurrence", "out_of_scope", "note")),
}
"""The fields of an entry: those that hold several lines, then the others."""
LONGEST = 2000
"""Largest length of a line in characters, chosen by hand: a quote is a sentence or a few."""
MOST = 200
"""Most lines of a field; chosen by hand."""
NEW = -1
"""The place of an entry that is not there yet."""

Fields = Mapping[str, str]
"""What a form holds, by field; a list has its items on lines of their own."""


class WrongField(ParkqaError):
    """What was written in a field cannot be used; ``field`` is its name, "" if it is not that of one alone."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.field = field


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as a form shows it: the entries with their fields, and the SHA-256 of the file ("" if there is none).

    park.yaml is one entry. ``broken`` says why there are none, where the file must be corrected as text first.
    """

    entries: tuple[Fields, ...]
    seen: str
    broken: ParkqaError | None = None


def shown(shelf: Shelf, name: str) -> Shown:
    """Return a file as the draft has it."""
    there = shelf.files()
    seen = there.present[name].sha if name in there.present else ""
    try:
        node = compose(shelf.text(name, there))
        found = None if node is None else construct(node)
        raw = [found or {}] if name == park.FILE else found or []
        return Shown(tuple(_fields(each) for each in raw), seen)
    except BadYaml as error:
        said = (f"第 {error.line} 行不是正确的 YAML", f"line {error.line} is not valid YAML")
    except (AttributeError, TypeError, UnicodeDecodeError):
        said = ("写得和预想的不一样", "it is written in another way than expected")
    return Shown((), seen, ParkqaError(f"{said[0]}，请先当文字改正。", f"{said[1]}; correct it as text first."))


def _fields(entry: Mapping[str, Any]) -> Fields:
    """Return the fields of an entry; the particulars of a contact are fields of their own."""
    fields: dict[str, str] = {}
    for key, value in entry.items():
        if key in CONTACTS and isinstance(value, Mapping):
            fields |= {f"{key}_{part}": str(text or "") for part, text in value.items()}
        elif isinstance(value, list):
            fields[key] = "\n".join(map(str, value))
        elif not isinstance(value, Mapping):
            fields[key] = (
                {True: "on", False: ""}.get(value, str(value)) if isinstance(value, bool) else str(value or "")
            )
    return fields


def write_park(shelf: Shelf, fields: Fields, seen: str, who: str) -> None:
    """Set the fields of park.yaml; what the form does not have stays.

    Raises:
        WrongField: a field cannot be used.
        ParkqaError: the file cannot be edited, or was changed meanwhile.
    """
    values: dict[str, Value] = {key: _line(key, fields) for key in TEXTS}
    values |= {key: _lines(key, fields) for key in LISTS}
    values |= {key: _contact(key, fields) for key in CONTACTS}
    if values["colour"] == park.COLOUR and "colour" not in next(iter(shown(shelf, park.FILE).entries), {}):
        values["colour"] = ""
    _change(shelf, park.FILE, lambda text: with_values(text, values), seen, who)


def logo(shelf: Shelf) -> Logo | None:
    """Return the park's logo as the draft has it; None if there is none."""
    try:
        with shelf.curated() as place:
            return read_logo(place, _logo_name(shelf))
    except Unreadable:
        return None


def _logo_name(shelf: Shelf) -> str:
    return next(iter(shown(shelf, park.FILE).entries), {}).get("logo", "")


def lost_logo(shelf: Shelf, there: Files) -> str:
    """Return the logo that park.yaml names in the draft if there is no such picture, else ""."""
    name = _logo_name(shelf)
    return "" if name in there.present else name


def write_logo(shelf: Shelf, file: Path | None, seen: tuple[str, str], who: str) -> None:
    """Make a picture the park's logo, in the corpus folder and in park.yaml; None takes the logo away.

    ``seen`` has the SHA-256 of park.yaml and of the logo as the person saw them, "" where there was none.

    Raises:
        ParkqaError: it cannot be shown, park.yaml cannot be edited or was changed meanwhile, or another file is
            called like it.
    """
    there, old = shelf.files(), _logo_name(shelf)
    changes: dict[str, str | None] = {old: None} if old.startswith(f"{STEM}.") and old in there.present else {}
    name = ""
    if file is not None:
        new = _uploaded(file)
        name = f"{STEM}{new.suffix}"
        if name in there.present and name != old:
            raise ParkqaError(
                f"资料里已经有别的 {name}，请先改它的名字。", f"There is another {name} already; rename it first."
            )
        changes[name] = shelf.blobs.put(new.content)
    text = shelf.text(park.FILE, there)
    after = edited(park.FILE, lambda: with_values(text, {"logo": name}))
    if after != text:
        changes[park.FILE] = shelf.put_text(park.FILE, after, there)
    was = {park.FILE: seen[0], **({old: seen[1]} if old else {})}
    shelf.check_seen(was, there)
    shelf.change(who, changes, was)


def _uploaded(file: Path) -> Logo:
    try:
        with file.open("rb") as stream:
            return logo_of(stream.read(LARGEST + 1))
    except Unreadable as error:
        raise ParkqaError(error.zh, error.en) from error


def write_entry(shelf: Shelf, engine: Engine, name: str, place: int, fields: Fields, seen: str, who: str) -> None:
    """Set the fields of the entry of glossary.yaml or faq.yaml at a place, or add one at NEW.

    Raises:
        WrongField: a field cannot be used.
        ParkqaError: the file cannot be edited, or was changed meanwhile.
    """
    several, others = ENTRIES[name]
    values: dict[str, Value] = {key: _lines(key, fields) for key in several}
    values |= {key: _quoted(fields) if key == "quote" else _line(key, fields) for key in others}
    if name == faq.FILE:
        values = _answer(values)
        _check_quote(shelf, engine, values)
    else:
        _check_words([*_lines("terms", fields), *_lines("en", fields)])
    change = with_new_entry if place == NEW else lambda text, given: with_entry(text, place, given)
    _change(shelf, name, lambda text: change(text, values), seen, who)


def drop_entry(shelf: Shelf, name: str, place: int, seen: str, who: str) -> None:
    """Take the entry at a place out of glossary.yaml or faq.yaml.

    Raises:
        ParkqaError: the file cannot be edited, or was changed meanwhile.
    """
    _change(shelf, name, lambda text: without_entry(text, place), seen, who)


def _change(shelf: Shelf, name: str, change: Callable[[str], str], seen: str, who: str) -> None:
    there = shelf.files()
    shelf.check_seen({name: seen}, there)
    text = shelf.text(name, there)
    after = edited(name, lambda: change(text))
    if after == text:
        raise ParkqaError("没有改动。", "Nothing was changed.")
    try:
        save_text(shelf, there, name, after, who, seen)
    except ParkFileError as error:
        field = _field_at(name, after, error.line) if error.path == name else ""
        raise WrongField(field, error.zh, error.en) from error


def _field_at(name: str, text: str, line: int) -> str:
    """Return the key of park.yaml that a line belongs to."""
    if name != park.FILE or not line:
        return ""
    keys = [key for key, _, first in entries_of(Path(name), compose(text)) if first <= line]
    return keys[-1] if keys else ""


def _line(key: str, fields: Fields) -> str:
    text = fields.get(key, "").strip()
    if len(text) > LONGEST or any(not char.isprintable() and char != "\u3000" for char in text):
        raise WrongField(key, f"这里写一行，最多 {LONGEST} 个字。", f"One line of at most {LONGEST} characters.")
    return text


def _lines(key: str, fields: Fields) -> Sequence[str]:
    lines = [_line(key, {key: line}) for line in fields.get(key, "").splitlines()]
    found = [*dict.fromkeys(line for line in lines if line)]
    if len(found) > MOST:
        raise WrongField(key, f"最多 {MOST} 行。", f"At most {MOST} lines.")
    return found


def _contact(key: str, fields: Fields) -> Value:
    """Return a contact as one line, or by its particulars if there are any."""
    line = _line(key, fields)
    parts = {part: found for part in LABELS if (found := _line(f"{key}_{part}", fields))}
    if line and parts:
        raise WrongField(key, "写一行，或分项写，只用一种。", "Either one line or the particulars, not both.")
    return parts or line


def _quoted(fields: Fields) -> str:
    """Return a quote, which may run over several lines of its document."""
    return fields.get("quote", "").replace("\r\n", "\n").strip()


def _answer(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return an entry of faq.yaml in full: one out of scope has no answer."""
    out, counted = bool(values["out_of_scope"]), str(values["occurrence"])
    if counted and not (counted.isdecimal() and 0 < int(counted[:6]) < 10_000):
        raise WrongField("occurrence", "应是 1、2、3 这样的数。", "A number such as 1, 2 or 3 is expected.")
    if not values["questions"]:
        raise WrongField("questions", "请写一种问法。", "Write down a way to ask it.")
    where = ("document", "quote", "heading")
    if out and any(values[key] for key in where):
        raise WrongField(
            "out_of_scope", "资料不涉及的，不写资料和原文。", "What is out of scope has no document or quote."
        )
    if not out and not (values["document"] and values["quote"]):
        field = "quote" if values["document"] else "document"
        raise WrongField(
            field, "请写资料的文件名和原文，或勾“资料不涉及”。", "Name document and quote, or mark it as out of scope."
        )
    number = 0 if counted in ("", "1") else int(counted)
    return {**values, "occurrence": number, "out_of_scope": out}


def _check_words(words: Sequence[str]) -> None:
    """See that an entry of glossary.yaml has two words, as its reader counts them."""
    if len({folded(word) for word in words}) < 2:
        raise WrongField(
            "terms",
            "请写意思一样的词，一行一个，英文的也算，至少两个。",
            "Write at least two words that mean the same, one a line; those in English count too.",
        )


def _check_quote(shelf: Shelf, engine: Engine, values: Mapping[str, Value]) -> None:
    """See that a quote stands in its document, unless the draft changes that: a build will see then."""
    document = str(values["document"])
    if not document or document in shelf.state().draft:
        return
    forms = [str(each) for each in values["questions"]] if isinstance(values["questions"], list) else []
    number = values["occurrence"] if isinstance(values["occurrence"], int) else 0
    entry = faq.Entry(tuple(forms), 0, document, str(values["quote"]), str(values["heading"]), number or 1)
    _, wrong = faq.forms([entry], engine.documents.values(), engine.store.passages, Path(faq.FILE))
    if wrong:
        known = {name for each in engine.documents.values() for name in (each.path, *each.also_in)}
        raise WrongField("quote" if document in known else "document", wrong[0].zh, wrong[0].en)
