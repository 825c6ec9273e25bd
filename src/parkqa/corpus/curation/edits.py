"""Edits of glossary.yaml and faq.yaml: text in, text out, the comments and the order of the file kept."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as Quoted

from parkqa.errors import ParkFileError
from parkqa.text.characters import HAN
from parkqa.text.folding import folded


class BadEdit(ValueError):
    """A file that is read, but cannot be edited: a key stands twice in an entry."""


def with_synonym(text: str, known: str, word: str) -> str:
    """Return glossary.yaml with ``word`` in the first entry that has ``known``, or with an entry of the two."""
    entries = _entries(text)
    part = "terms" if re.search(f"[{HAN}]", word) else "en"
    for entry in entries:
        words = [folded(each) for each in (*entry.get("terms", ()), *entry.get("en", ()))]
        if folded(known) in words:
            if folded(word) not in words:
                entry.setdefault(part, _line([])).append(_safe(word))
            return _dumped(entries)
    known, word = _safe(known), _safe(word)
    made = {"terms": _line([known, word])} if part == "terms" else {"terms": _line([known]), "en": _line([word])}
    return _appended(text, entries, made)


def with_answer(text: str, questions: Sequence[str], document: str, quote: str, occurrence: int = 1) -> str:
    """Return faq.yaml with an entry that answers ``questions``; what it said of them before is taken out."""
    counted = {"occurrence": occurrence} if occurrence > 1 else {}
    place = {"document": Quoted(document), "quote": Quoted(quote), **counted}
    made = {"questions": [Quoted(question) for question in questions], **place}
    return _appended(text, _without(_entries(text), questions), made)


def with_refusal(text: str, questions: Sequence[str]) -> str:
    """Return faq.yaml with an entry that marks ``questions`` as out of scope; what it said of them is taken out."""
    made = {"questions": [Quoted(question) for question in questions], "out_of_scope": True}
    return _appended(text, _without(_entries(text), questions), made)


def _yaml() -> YAML:
    made = YAML()
    made.preserve_quotes = True
    made.width = 1_000_000
    return made


def _entries(text: str) -> Any:
    try:
        return _yaml().load(text) or CommentedSeq()
    except YAMLError as error:
        raise BadEdit(str(error)) from error


def _safe(word: str) -> str:
    """A word in quotation marks where YAML would take it for something else (no, 12:30)."""
    try:
        plain = YAML(typ="safe", pure=True).load(f"[{word}]") == [word]
    except YAMLError:
        plain = False
    return word if plain else Quoted(word)


def _line(words: Iterable[str]) -> CommentedSeq:
    """A list that is written on one line."""
    made = CommentedSeq(words)
    made.fa.set_flow_style()
    return made


def _without(entries: Any, questions: Sequence[str]) -> Any:
    """The entries without these questions; one that has no other goes."""
    told = {folded(question) for question in questions}
    for place in range(len(entries) - 1, -1, -1):
        asked = entries[place]["questions"]
        for number in range(len(asked) - 1, -1, -1):
            if folded(asked[number]) in told:
                del asked[number]
        if not asked:
            del entries[place]
    return entries


def _appended(text: str, entries: Any, made: dict[str, Any]) -> str:
    """The entries and one more; a file of comments only has no entries that could carry them."""
    if len(entries):
        entries.append(CommentedMap(made))
        return _dumped(entries)
    comments = "".join(line for line in text.splitlines(keepends=True) if line.lstrip().startswith("#"))
    gap = "" if not comments or comments.endswith("\n") else "\n"
    return comments + gap + _dumped(CommentedSeq([CommentedMap(made)]))


def _dumped(entries: Any) -> str:
    out = io.StringIO()
    _yaml().dump(entries, out)
    return out.getvalue()


def read(path: Path) -> str:
    """Return the text of a file, "" where there is none."""
    return path.read_text(encoding="utf-8-sig") if path.exists() else ""


def save(path: Path, before: str, after: str) -> None:
    """Write ``after`` in one piece; line ends stay those of the file.

    Raises:
        ParkFileError: the file is no longer ``before``, or it cannot be written; it stays as it is.
    """
    if read(path) != before:
        raise ParkFileError(
            path,
            0,
            "这期间有人改过它，没有保存，请再试一次。",
            "it was changed meanwhile and nothing was saved; try again.",
        )
    aside = path.with_name(f".{path.name}.new")
    try:
        windows = path.exists() and b"\r\n" in path.read_bytes()
        aside.write_text(after, encoding="utf-8", newline="\r\n" if windows else "\n")
        if path.exists():
            aside.chmod(path.stat().st_mode)
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise ParkFileError(
            path,
            0,
            f"写不了（{error.strerror}），没有保存。",
            f"it cannot be written ({error.strerror}); nothing was saved.",
        ) from error
