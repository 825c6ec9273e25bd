"""Keeps to what a question names: a passage about another park, company or building does not answer.

What a passage is about is read from the passage, its headings, the title and the path of its document and the
document's beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from parkqa.search.candidates import Candidate
from parkqa.search.passage_texts import folded_whole
from parkqa.text.folding import folded
from parkqa.text.pronunciation import plain_pinyin
from parkqa.types import Document, Name, Query

BEGINNING = 200
"""Code points of a document's beginning that tell what the document is about.

Chosen by hand: the first lines of a notice say whom it concerns. If it were larger, a document would be taken to be
about all that it mentions.
"""


def missing(query: Query, candidates: Sequence[Candidate], documents: Mapping[str, Document]) -> tuple[str, ...]:
    """Return the names in a question that none of the candidates has, nor its document's title or beginning.

    Args:
        query: the question.
        candidates: the passages that were found for it.
        documents: the documents by path.
    """
    return tuple(
        name.text for name in query.names if not any(_has(candidate, name, documents) for candidate in candidates)
    )


def about(query: Query, candidates: Sequence[Candidate], documents: Mapping[str, Document]) -> list[Candidate]:
    """Return the candidates that are about all things which the question names strictly (``types.Name``)."""
    strict = [name for name in query.names if name.strict]
    return [candidate for candidate in candidates if all(_has(candidate, name, documents) for name in strict)]


def _has(candidate: Candidate, name: Name, documents: Mapping[str, Document]) -> bool:
    texts = list(_texts(candidate, documents))
    if any(variant in text for text in texts for variant in name.variants):
        return True
    # A park without a translation is asked in English too: Jiangyin is 江阴.
    return name.text.isascii() and any(variant in plain_pinyin(text) for text in texts for variant in name.variants)


def _texts(candidate: Candidate, documents: Mapping[str, Document]) -> Iterable[str]:
    yield folded_whole(candidate.passage)
    if candidate.translation is not None:
        yield folded_whole(candidate.translation)
    document = documents[candidate.passage.document]
    yield _introduction(document.title, document.path, document.text[:BEGINNING])


@lru_cache(maxsize=1024)
def _introduction(title: str, path: str, beginning: str) -> str:
    return folded(f"{title}\n{path}\n{beginning}")
