"""Aligns translations with their originals, block by block, so that both are searched and only originals are quoted.

A document is a translation if its front matter has ``translation_of``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile, zip_longest
from operator import itemgetter
from pathlib import PurePosixPath

from parkqa.corpus.documents import Corpus
from parkqa.corpus.passages import headings, identity
from parkqa.errors import DocumentError
from parkqa.text.characters import YEAR
from parkqa.text.sentences import sentences
from parkqa.types import Block, Document, Passage, Span


def with_translations(corpus: Corpus) -> tuple[Corpus, list[Passage]]:
    """Return the passages of all documents, with the translations aligned.

    Returns:
        The corpus without the translations that cannot be aligned, which are among its ``failed``; and the passages:
        first those of originals, then those of translations, which have ``original`` set.
    """
    originals = {document.path: document for document in corpus.documents if document.translation_of is None}
    several = len(originals) > 1
    passages = {path: _titled(corpus.passages[path], document, several) for path, document in originals.items()}
    found = [passage for each in passages.values() for passage in each]
    failed = list(corpus.failed)
    for document in corpus.documents:
        if document.translation_of is None:
            continue
        try:
            original = _original(document, document.translation_of, originals)
            aligned(original, document)
            translated = translate(passages[original.path], original, document)
            found += _titled(translated, document, several)
        except DocumentError as error:
            failed.append(error)
    left_out = {error.path for error in failed}
    kept = tuple(document for document in corpus.documents if document.path not in left_out)
    return replace(corpus, documents=kept, failed=tuple(failed)), found


def _titled(passages: Sequence[Passage], document: Document, several: bool) -> list[Passage]:
    """Return the passages of a document with its title, if it tells one of several documents or names a year."""
    if not several and not YEAR.search(document.title):
        return list(passages)
    return [replace(p, title="" if document.title in p.heading else document.title) for p in passages]


def _original(translation: Document, name: str, originals: Mapping[str, Document]) -> Document:
    """Return the original that ``translation_of`` names: by its path in the corpus, or relative to the translation."""
    beside = (PurePosixPath(translation.path).parent / name).as_posix()
    original = originals.get(name) or originals.get(beside)
    if original is None:
        raise _no_original(translation)
    return original


def aligned(original: Document, translation: Document) -> None:
    """Check that two documents have the same blocks: as many, of the same kinds and levels.

    Raises:
        DocumentError: they differ; the message names the first block that does.
    """
    for number, (mine, other) in enumerate(zip_longest(original.blocks, translation.blocks), start=1):
        if mine and other and (mine.kind, mine.level) == (other.kind, other.level):
            continue
        here, there = (_shown(translation, other), _shown(original, mine))
        raise DocumentError(
            translation.path,
            f"与 {original.path} 没有逐块对应：第 {number} 块，原文是{there[0]}，译文是{here[0]}。请改成一样的结构。",
            f"it is not aligned with {original.path}: block {number} is {there[1]} there and {here[1]} here. "
            "Give both the same structure.",
        )


def _no_original(translation: Document) -> DocumentError:
    name = translation.translation_of
    return DocumentError(
        translation.path,
        f"translation_of 写的 {name} 不在资料里（或它本身也是译文），请改正。",
        f"its translation_of names {name}, which is no document of the corpus (or a translation itself).",
    )


def _shown(document: Document, block: Block | None) -> tuple[str, str]:
    """Return a block for an error message, in Chinese and in English."""
    if block is None:
        return "“没有了”", "missing"
    text = document.text[block.start : block.end][:20]
    return f"“{text}”（{block.kind} {block.level}）", f"“{text}” ({block.kind} {block.level})"


def translate(passages: Sequence[Passage], original: Document, translation: Document) -> list[Passage]:
    """Return the passage of ``translation`` that corresponds to each passage of ``original``, in the same order.

    For a passage that is part of a block, sentences are matched by their number; if the block and its translation have
    different numbers of sentences, the whole block is taken.

    Args:
        passages: of the original.
        original: the original document.
        translation: a document that ``aligned`` accepts.
    """
    paths, ends, lines = headings(translation), [block.end for block in original.blocks], _lines(original, translation)
    return [_translated(passage, original, translation, paths, ends, lines) for passage in passages]


def _translated(
    passage: Passage,
    original: Document,
    translation: Document,
    paths: Sequence[tuple[str, ...]],
    ends: Sequence[int],
    lines: Mapping[str, Sequence[tuple[int, str]]],
) -> Passage:
    """Return the translation of a passage.

    Args:
        passage: of the original.
        original: the original document.
        translation: its translation.
        paths: the headings above each block of the translation.
        ends: the end of each block of the original.
        lines: as ``_lines`` returns them.
    """
    near = range(bisect_right(ends, passage.start), len(ends))
    met = takewhile(lambda place: original.blocks[place].start < passage.end, near)
    places = [place for place in met if original.blocks[place].kind != "break"]
    spans = [
        span
        for place in places
        for span in _part(passage, original, original.blocks[place], translation, translation.blocks[place])
    ]
    start, end = spans[0][0], spans[-1][1]
    return Passage(
        id=identity(translation, start, end),
        document=translation.path,
        start=start,
        end=end,
        text=translation.text[start:end],
        kind=passage.kind,
        heading=(*paths[places[0]], *_opening(passage, lines)),
        spans=tuple(spans),
        page=translation.blocks[places[0]].page,
        original=passage.id,
    )


def _lines(original: Document, translation: Document) -> dict[str, list[tuple[int, str]]]:
    """Return for each paragraph and item of the original, by its text, where it ends and its translation, in order."""
    lines: dict[str, list[tuple[int, str]]] = {}
    for mine, other in zip(original.blocks, translation.blocks, strict=True):
        if mine.kind in ("paragraph", "item"):
            text = translation.text[other.start : other.end]
            lines.setdefault(original.text[mine.start : mine.end], []).append((mine.end, text))
    return lines


def _opening(passage: Passage, lines: Mapping[str, Sequence[tuple[int, str]]]) -> list[str]:
    """Return the translations of the lines, such as a question, that are headings of a passage but not of its file.

    Where several lines have the same text, the last one above the passage is meant.
    """
    found = []
    for text in passage.heading:
        alike = lines.get(text, ())
        if above := bisect_right(alike, passage.start, key=itemgetter(0)):
            found.append(alike[above - 1][1])
    return found


def _part(passage: Passage, original: Document, block: Block, translation: Document, other: Block) -> list[Span]:
    """Return the spans of ``other``, the translation of ``block``, that correspond to the part of it in ``passage``."""
    if passage.kind == "list":
        return [(other.start, other.end)]
    mine, theirs = (sentences(d.text, b.start, b.end) for d, b in ((original, block), (translation, other)))
    if len(mine) != len(theirs):
        return [(other.start, other.end)] if block.start >= passage.start and block.end <= passage.end else list(theirs)
    pairs = zip(mine, theirs, strict=True)
    return [there for here, there in pairs if here[0] < passage.end and here[1] > passage.start]
