"""Edits the curated files for ``parkqa review`` and the desk, keeping comments, order and quotation marks.

The edits take the text of a file and return the new one; ``save`` writes it. The text must be a file that
``read_glossary``, ``read_faq`` or ``load_park`` accepts.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as Quoted

from parkqa.errors import ParkFileError
from parkqa.text.characters import HAN
from parkqa.text.folding import folded

WRONG = (YAMLError, ValueError)
"""What ruamel raises for YAML that it cannot parse, and for a value that is none of its type (the date 2024-13-45)."""


class BadEdit(ValueError):
    """A file cannot be edited: a key occurs twice in an entry, or a value is none of its type."""


def with_synonym(text: str, known: str, word: str) -> str:
    """Add a synonym to glossary.yaml.

    Args:
        text: the file.
        known: a word that the glossary may have already.
        word: the word to add to the first entry with ``known``; without one, a new entry has both.

    Returns:
        The new file.

    Raises:
        BadEdit: the file cannot be edited.

    >>> with_synonym("- terms: [园区]\\n  en: [park]\\n", "park", "开发区")
    '- terms: [园区, 开发区]\\n  en: [park]\\n'
    """
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
    """Add an entry to faq.yaml that answers ``questions`` with a quote, and remove the questions from other entries.

    Args:
        text: the file.
        questions: ways to ask the question.
        document: path of the document in the corpus.
        quote: a slice of the document.
        occurrence: which of several equal slices is meant, 1-based.

    Returns:
        The new file.

    Raises:
        BadEdit: the file cannot be edited.
    """
    counted = {"occurrence": occurrence} if occurrence > 1 else {}
    place = {"document": Quoted(document), "quote": Quoted(quote), **counted}
    made = {"questions": [Quoted(question) for question in questions], **place}
    return _appended(text, _without(_entries(text), questions), made)


def with_refusal(text: str, questions: Sequence[str]) -> str:
    """Add an entry to faq.yaml that marks ``questions`` as out of scope, and remove them from other entries.

    Returns:
        The new file.

    Raises:
        BadEdit: the file cannot be edited.

    >>> print(with_refusal("", ["你是谁？"]), end="")
    - questions:
      - "你是谁？"
      out_of_scope: true
    """
    made = {"questions": [Quoted(question) for question in questions], "out_of_scope": True}
    return _appended(text, _without(_entries(text), questions), made)


def with_particulars(text: str, document: str, values: Mapping[str, str | bool]) -> str:
    """Set properties of a document in park.yaml; one that is "" or False is taken out.

    Args:
        text: the file.
        document: path of the document in the corpus.
        values: the properties; others that the file has are kept.

    Returns:
        The new file.

    Raises:
        BadEdit: the file cannot be edited.

    >>> with_particulars("name: 园区 # 简称\\n", "a.pdf", {"date": "2024-05-01", "title": ""})
    'name: 园区 # 简称\\ndocuments:\\n  a.pdf:\\n    date: "2024-05-01"\\n'
    """
    root = _mapping(text)
    documents = root.get("documents") or CommentedMap()
    entry = documents.get(document) or CommentedMap()
    for key, value in values.items():
        if value:
            entry[key] = value if isinstance(value, bool) else _safe(value)
        else:
            entry.pop(key, None)
    return _with_documents(text, root, _put(documents, document, entry))


def with_renamed_particulars(text: str, old: str, new: str) -> str:
    """Return park.yaml with what it says of the document ``old`` said of ``new``, in the same place.

    Raises:
        BadEdit: the file cannot be edited.
    """
    root = _mapping(text)
    documents = root.get("documents") or CommentedMap()
    if old not in documents:
        return text
    place = list(documents).index(old)
    documents.insert(place, _safe(new), documents.pop(old))
    return _with_documents(text, root, documents)


def with_renamed_answers(text: str, old: str, new: str) -> str:
    """Return faq.yaml with the answers that quote the document ``old`` quoting ``new``.

    Raises:
        BadEdit: the file cannot be edited.
    """
    entries = _entries(text)
    quoting = [entry for entry in entries if entry.get("document") == old]
    for entry in quoting:
        entry["document"] = Quoted(new)
    return _dumped(entries) if quoting else text


def _mapping(text: str) -> Any:
    """Parse park.yaml to ruamel's editable mapping."""
    root = _loaded(text)
    if root is not None and not isinstance(root, CommentedMap):
        raise BadEdit("no mapping")
    return CommentedMap() if root is None else root


def _put(documents: Any, document: str, entry: Any) -> Any:
    if entry:
        documents[document if document in documents else _safe(document)] = entry
    else:
        documents.pop(document, None)
    return documents


def _with_documents(text: str, root: Any, documents: Any) -> str:
    """Return park.yaml with these documents; of a file without keys, whose comments ruamel drops, they are copied."""
    if not root:
        gap = "" if not text or text.endswith("\n") else "\n"
        return text + gap + _dumped(CommentedMap({"documents": documents})) if documents else text
    if documents:
        root["documents"] = documents
    else:
        root.pop("documents", None)
    if not root:
        return "".join(line for line in text.splitlines(keepends=True) if line.lstrip().startswith("#"))
    return _dumped(root, indented=re.search(r"^ +- ", text, re.MULTILINE) is not None)


def _yaml() -> YAML:
    made = YAML()
    made.preserve_quotes = True
    made.width = 1_000_000  # never wrap lines
    return made


def _entries(text: str) -> Any:
    """Parse a file to ruamel's editable list."""
    return _loaded(text) or CommentedSeq()


def _loaded(text: str) -> Any:
    try:
        return _yaml().load(text)
    except WRONG as error:
        raise BadEdit(str(error)) from error


def _safe(word: str) -> str:
    """Return a word, in quotation marks if YAML would not read it as this text."""
    return word if is_plain(word) else Quoted(word)


def is_plain(word: str) -> bool:
    """Return whether YAML reads a word as this text without quotation marks.

    >>> is_plain("园区"), is_plain("null"), is_plain("12"), is_plain("a: b"), is_plain("2024-13-45")
    (True, False, False, False, False)
    """
    try:
        return bool(YAML(typ="safe", pure=True).load(f"[{word}]") == [word])
    except WRONG:
        return False


def _line(words: Iterable[str]) -> CommentedSeq:
    """Return a list that is written on one line."""
    made = CommentedSeq(words)
    made.fa.set_flow_style()
    return made


def _without(entries: Any, questions: Sequence[str]) -> Any:
    """Remove questions from all entries, in place, and entries that have no questions left."""
    removed = {folded(question) for question in questions}
    for place in range(len(entries) - 1, -1, -1):
        asked = entries[place]["questions"]
        for number in range(len(asked) - 1, -1, -1):
            if folded(asked[number]) in removed:
                del asked[number]
        if not asked:
            del entries[place]
    return entries


def _appended(text: str, entries: Any, made: dict[str, Any]) -> str:
    """Return the file with one more entry.

    ruamel attaches comments to entries, so those of a file without entries are copied as text.
    """
    if len(entries):
        entries.append(CommentedMap(made))
        return _dumped(entries)
    comments = "".join(line for line in text.splitlines(keepends=True) if line.lstrip().startswith("#"))
    gap = "" if not comments or comments.endswith("\n") else "\n"
    return comments + gap + _dumped(CommentedSeq([CommentedMap(made)]))


def _dumped(entries: Any, *, indented: bool = False) -> str:
    """Return the text of a file; with ``indented`` the items of lists stand two columns to the right of their key."""
    out, yaml = io.StringIO(), _yaml()
    if indented:
        yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(entries, out)
    return out.getvalue()


def read(path: Path) -> str:
    """Return the text of a file without its byte order mark, "" if it does not exist."""
    return path.read_text(encoding="utf-8-sig") if path.exists() else ""


def save(path: Path, before: str, after: str) -> None:
    """Replace the content of a file atomically, keeping its mode and its kind of line ends.

    Args:
        path: the file, which need not exist.
        before: its text as it was read, to detect that somebody else has changed it.
        after: the new text.

    Raises:
        ParkFileError: the file is no longer ``before``, or cannot be written; it is unchanged.
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
