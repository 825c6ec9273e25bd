"""A file of the corpus becomes a ``Document``: decoded, normalised, its structure told, hashed."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from parkqa.errors import CorpusError, DocumentError
from parkqa.readers import Draft, markdown, plain
from parkqa.text import HAN, Segmenter
from parkqa.types import Document

READERS: Mapping[str, Callable[[str], Draft]] = {".md": markdown.read, ".markdown": markdown.read, ".txt": plain.read}
"""What reads each kind of file."""

OWN = frozenset({"park.yaml", "glossary.yaml", "faq.yaml"})
"""What staff tell parkqa itself beside the documents."""

_META = ("title", "date", "year", "valid_until", "translation_of")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufeff]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

KNOWN = 0.25
"""Share of hanzi in known words from which a text is Chinese."""
COMMON = 20_000
"""Occurrences in jieba's corpus from which a single hanzi (的, 月, 号) is a word."""
RUNS = 1000
"""Runs of hanzi that are looked at."""
_HANZI = re.compile(rf"[{HAN}\ue000-\uf8ff]+")  # the private ones too: GB18030 has them where Big5 has letters
_SEGMENTER = Segmenter()


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents in the order of their paths; files of other kinds (``skipped``); files left out (``failed``)."""

    documents: tuple[Document, ...]
    skipped: tuple[str, ...]
    failed: tuple[DocumentError, ...]


def read_corpus(root: Path) -> Corpus:
    """Read every supported file below ``root``; files with the same text are read once (``also_in``).

    Raises:
        CorpusError: there is no such folder.
    """
    if not root.is_dir():
        raise CorpusError(
            f"没有资料文件夹 {root}，请建好它或设 PARKQA_CORPUS。",
            f"There is no corpus folder {root}; make it or set PARKQA_CORPUS.",
        )
    documents: list[Document] = []
    skipped: list[str] = []
    failed: list[DocumentError] = []
    for path in _files(root):
        if path.name in OWN:
            continue
        if path.suffix.lower() not in READERS:
            skipped.append(_name(path, root))
            continue
        try:
            documents.append(read_document(path, root))
        except DocumentError as error:
            failed.append(error)
    return Corpus(_once(documents), tuple(skipped), tuple(failed))


def _files(root: Path) -> Iterator[Path]:
    """The files below ``root`` in the order of their POSIX paths, hidden ones left out."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in files if not name.startswith(".")]
    yield from sorted(found, key=lambda path: _name(path, root))


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _once(documents: list[Document]) -> tuple[Document, ...]:
    """Keep one of the documents that say the same, the first, which names the others."""
    first: dict[tuple[str, str | None], Document] = {}
    for document in documents:
        key = (document.sha256, document.translation_of)
        kept = first.get(key)
        first[key] = replace(kept, also_in=(*kept.also_in, document.path)) if kept else document
    return tuple(first.values())


def read_document(path: Path, root: Path) -> Document:
    """Read one file.

    Raises:
        DocumentError: it lies outside ``root``, cannot be read or decoded, is empty, or its front matter is wrong.
    """
    name = _name(path, root)
    text = _normalised(_decoded(name, _bytes(name, path, root)))
    try:
        draft = READERS[path.suffix.lower()](text)
    except markdown.FrontMatterError as error:
        raise DocumentError(
            name,
            f"第 {error.line} 行的文件头（---）写错了，应一行一项，如 title: 标题 或 date: 2024-05-01。",
            f"its front matter is wrong at line {error.line}; write one `title: …` or `date: 2024-05-01` a line.",
        ) from error
    if not draft.text.strip():
        raise DocumentError(name, "文件是空的，请补上内容或删掉它。", "the file is empty; fill it or delete it.")
    return _document(name, draft)


def _bytes(name: str, path: Path, root: Path) -> bytes:
    try:
        real = path.resolve()
    except (OSError, RuntimeError) as error:  # which of them, depends on the version of Python
        raise _unread(name, "链接绕成了圈", "a link that leads to itself") from error
    if not real.is_relative_to(root.resolve()):
        raise DocumentError(
            name,
            "链接指到了资料文件夹之外，请把文件本身放进来。",
            "it is a link out of the corpus folder; put the file itself there.",
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unread(name, str(error.strerror), str(error.strerror)) from error


def _unread(name: str, zh: str, en: str) -> DocumentError:
    return DocumentError(
        name, f"读不了（{zh}），请检查文件和权限。", f"it cannot be read ({en}); check the file and its permissions."
    )


def _decoded(name: str, raw: bytes) -> str:
    """UTF-8, or GB18030 as Chinese offices still save it."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DocumentError(name, "编码是 UTF-16，请另存为 UTF-8。", "it is UTF-16; save it as UTF-8.")
    if not _BINARY.search(raw):
        with suppress(UnicodeDecodeError):
            return raw.decode("utf-8-sig")
        with suppress(UnicodeDecodeError):
            if _chinese(text := raw.decode("gb18030")):
                return text
    raise DocumentError(
        name,
        "不是 UTF-8 或 GB18030 编码的文字，请另存为 UTF-8。",
        "it is no text in UTF-8 or GB18030; save it as UTF-8.",
    )


def _chinese(text: str) -> bool:
    """Whether the hanzi make words: Big5, Shift-JIS, EUC-KR and Windows-1252 decode as GB18030 too, but to no words.

    In sentences of Chinese, Simplified or Traditional, commonly three quarters of the hanzi are in words that jieba
    knows, and hardly ever less than KNOWN; of hanzi by chance it is hardly ever more.
    """
    runs = _HANZI.findall(text)[:RUNS]
    words = [word for run in runs for word in _SEGMENTER.cut(run)]
    known = sum(len(word) for word in words if _SEGMENTER.count(word) >= (1 if len(word) > 1 else COMMON))
    return known >= KNOWN * sum(map(len, words))


def _normalised(text: str) -> str:
    """Line ends, byte order mark and control characters; nothing else."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _document(name: str, draft: Draft) -> Document:
    meta = {key: _scalar(name, key, value) for key, value in draft.meta.items() if key in _META and value is not None}
    headings = [draft.text[b.start : b.end] for b in draft.blocks if b.kind == "heading" and b.level == 1]
    return Document(
        path=name,
        title=meta.get("title") or (headings[0] if headings else Path(name).stem),
        text=draft.text,
        sha256=hashlib.sha256(draft.text.encode("utf-8")).hexdigest(),
        blocks=draft.blocks,
        date=meta.get("date") or meta.get("year"),
        valid_until=meta.get("valid_until"),
        translation_of=meta.get("translation_of"),
    )


def _scalar(name: str, key: str, value: object) -> str:
    if isinstance(value, str | int | float | date) and not isinstance(value, bool):
        return str(value).strip()
    raise DocumentError(
        name,
        f"文件头的 {key} 应是一行文字，请改正。",
        f"{key} in its front matter must be one line of text; please correct it.",
    )
