"""The curated questions (``faq.yaml``): questions, and the words of a document that answer them.

Each question becomes a passage of its own kind, with the question as heading and the quote as text, and refers to the
passage of the document that contains the quote. So it is found like any passage, and still only the document is quoted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parkqa.corpus.curation.yaml_source import read_list
from parkqa.errors import ParkFileError
from parkqa.text.folding import folded
from parkqa.text.sentences import sentences
from parkqa.types import Document, Passage

FILE = "faq.yaml"
_KEYS = frozenset({"questions", "document", "quote", "heading", "occurrence", "out_of_scope", "note"})


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of faq.yaml at ``line`` (1-based): ``questions``, and the ``quote`` in ``document`` that answers them.

    If the document has the quote more than once, ``heading`` and ``occurrence`` (1-based) say which one is meant. An
    entry with ``out_of_scope: true`` says that nothing answers the questions; its ``document`` is "".
    """

    questions: tuple[str, ...]
    line: int
    document: str = ""
    quote: str = ""
    heading: str = ""
    occurrence: int = 1


def read_faq(corpus: Path) -> tuple[Entry, ...]:
    """Read ``faq.yaml`` in a corpus folder; without the file there are no entries.

    Raises:
        ParkFileError: the file is malformed or has a question twice; the error names the line.
    """
    path = corpus / FILE
    if not path.exists():
        return ()
    entries = tuple(_entry(path, raw, line) for raw, line in read_list(path))
    lines: dict[str, int] = {}
    for entry in entries:
        for question in entry.questions:
            first = lines.setdefault(folded(question), entry.line)
            if first != entry.line:
                raise _twice(path, entry.line, question, first)
    return entries


def _twice(path: Path, line: int, question: str, first: int) -> ParkFileError:
    return ParkFileError(
        path,
        line,
        f"“{question}”在第 {first} 行已经写过，请只留一处。",
        f'"{question}" stands at line {first} already; keep one.',
    )


def _entry(path: Path, raw: object, line: int) -> Entry:
    """Return an entry; raise ParkFileError if it is malformed."""
    entry = raw if isinstance(raw, dict) and raw.keys() <= _KEYS else {}
    questions, occurrence = entry.get("questions"), entry.get("occurrence", 1)
    texts = {key: entry.get(key, "") for key in ("document", "quote", "heading")}
    asked = isinstance(questions, list) and questions and all(isinstance(q, str) and q.strip() for q in questions)
    words = all(isinstance(text, str) for text in texts.values())
    whole = bool(texts["document"] and texts["quote"]) and "out_of_scope" not in entry
    out = entry.get("out_of_scope") is True and not any(texts.values())
    counted = isinstance(occurrence, int) and not isinstance(occurrence, bool) and occurrence > 0
    if not (asked and words and counted and (whole or out)):
        raise ParkFileError(
            path,
            line,
            "每条应含 questions（问法的列表），以及 document 和 quote（原文里的话），或 out_of_scope: true，请改正。",
            "An entry needs questions (a list) and either document and quote (words of the document) or "
            "out_of_scope: true. Please correct it.",
        )
    forms = tuple(dict.fromkeys(question.strip() for question in questions or ()))
    return Entry(forms, line, **{key: text.strip() for key, text in texts.items()}, occurrence=occurrence)


def out_of_scope(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the questions that staff have marked as out of scope."""
    return tuple(question for entry in entries if not entry.document for question in entry.questions)


def forms(
    entries: Iterable[Entry], documents: Iterable[Document], passages: Sequence[Passage], path: Path
) -> tuple[list[Passage], list[ParkFileError]]:
    """Return the passages of kind "question" for the entries; those out of scope have none.

    Args:
        entries: of faq.yaml.
        documents: all documents of the corpus.
        passages: all passages of the documents.
        path: of faq.yaml, named in errors.

    Returns:
        A passage for each question: its heading is the question, its text the quote, and its ``original`` the id of the
        passage that contains the quote. And an error for each entry whose quote is not found.
    """
    known = {name: document for document in documents for name in (document.path, *document.also_in)}
    found: list[Passage] = []
    wrong: list[ParkFileError] = []
    for entry in entries:
        if not entry.document:
            continue
        try:
            document, start, owner = _place(entry, known, passages, path)
        except ParkFileError as error:
            wrong.append(error)
        else:
            found += [_form(question, document, start, start + len(entry.quote), owner) for question in entry.questions]
    return found, wrong


def _place(
    entry: Entry, documents: Mapping[str, Document], passages: Sequence[Passage], path: Path
) -> tuple[Document, int, Passage]:
    """Return the document of an entry, the offset at which its quote begins, and the passage that contains it.

    Raises:
        ParkFileError: the quote is not in the document, or not where ``heading`` and ``occurrence`` say.
    """
    document = documents.get(entry.document)
    if document is None or document.translation_of is not None:
        raise ParkFileError(
            path,
            entry.line,
            f"资料里没有 {entry.document}（或它是译文），这条没有用上；请改成原文的文件名。",
            f"{entry.document} is no document of the corpus (or a translation), so this entry is not used; "
            "name the original.",
        )
    if entry.quote not in document.text:
        raise ParkFileError(
            path,
            entry.line,
            f"{document.path} 里已经没有这句原文：“{entry.quote}”，这条没有用上；请改成现在的原文。",
            f'"{entry.quote}" does not stand in {document.path} any more, so this entry is not used; '
            "put in the present words.",
        )
    under = [
        (start, owner)
        for start, owner in places(document, entry.quote, passages)
        if not entry.heading or entry.heading in owner.heading
    ]
    if len(under) < entry.occurrence:
        raise ParkFileError(
            path,
            entry.line,
            "这句原文跨了段，或 heading、occurrence 与资料不符，这条没有用上；请只引一段里的话，并核对这两项。",
            "the quote runs over more than one passage, or heading or occurrence do not fit, so this entry is not "
            "used; quote words of one passage and check both.",
        )
    return document, *under[entry.occurrence - 1]


def places(document: Document, quote: str, passages: Sequence[Passage]) -> list[tuple[int, Passage]]:
    """Return all places of a quote in a document, as (offset of its first code point, passage that contains it).

    Places that no single passage contains are left out.
    """
    mine = [p for p in passages if p.document == document.path and p.original is None]
    starts = _starts(document.text, quote)
    return [(start, owner) for start in starts if (owner := _owner(mine, start, start + len(quote)))]


def _starts(text: str, quote: str) -> Iterator[int]:
    """Yield the offsets of a quote in a text; occurrences may overlap."""
    place = text.find(quote)
    while place >= 0:
        yield place
        place = text.find(quote, place + 1)


def _owner(passages: Iterable[Passage], start: int, end: int) -> Passage | None:
    """Return the first passage that contains ``start:end``."""
    return next((passage for passage in passages if passage.start <= start and end <= passage.end), None)


def _form(question: str, document: Document, start: int, end: int, owner: Passage) -> Passage:
    key = f"{FILE}\0{question}\0{document.path}\0{start}\0{end}"
    return Passage(
        id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        document=document.path,
        start=start,
        end=end,
        text=document.text[start:end],
        kind="question",
        heading=(question,),
        spans=sentences(document.text, start, end),
        page=owner.page,
        original=owner.id,
    )
