"""Keeps to what a question names: a passage about another park, company or building does not answer.

What a passage is about is read from the passage, its headings, the title and the path of its document and the
document's beginning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from parkqa.query.numbered import is_of_another_number, names_number, names_places, unknown_numbers
from parkqa.search.candidates import Candidate, text_of
from parkqa.search.passage_texts import PassageTexts
from parkqa.text.folding import folded
from parkqa.text.pronunciation import is_pinyin, plain_pinyin, written_in_chinese
from parkqa.text.word_classes import is_place
from parkqa.types import Document, Name, Query

BEGINNING = 200
"""Code points of a document's beginning that tell what the document is about.

Chosen by hand: the first lines of a notice say whom it concerns. If it were larger, a document would be taken to be
about all that it mentions.
"""


def missing(
    query: Query, candidates: Sequence[Candidate], texts: PassageTexts, documents: Mapping[str, Document]
) -> tuple[str, ...]:
    """Return the names in a question that none of the candidates has, nor its document's title or beginning.

    An English name that documents in Chinese alone may have in translation (Central Asia as 中亚) is not missing; the
    number of a building (C1) is. So is what a number tells from its neighbours, of which the candidates have some.

    Args:
        query: the question.
        candidates: the passages that were found for it.
        texts: the folded texts of the index.
        documents: the documents by path.
    """
    named = [
        name.text
        for name in query.names
        if _would_be_found(name, documents)
        and not any(_has(candidate, name, texts, documents) for candidate in candidates)
    ]
    found = unknown_numbers(query.search, (text_of(candidate, texts).whole for candidate in candidates))
    return (*named, *(each for each in found if not any(each in name or name in each for name in named)))


def _would_be_found(name: Name, documents: Mapping[str, Document]) -> bool:
    """Whether a name that the documents have is recognised in them, and not hidden by translation."""
    if not name.text.isascii() or any(document.translation_of for document in documents.values()):
        return True
    return name.strict or any(is_pinyin(variant) for variant in name.variants)


def about(
    query: Query, candidates: Sequence[Candidate], texts: PassageTexts, documents: Mapping[str, Document]
) -> list[Candidate]:
    """Return the candidates that are about all things which the question names strictly (``types.Name``).

    A name in pinyin that one of them has in Chinese counts as strict unless it is a place's: Hemanduo is 禾满多. Of
    what a number or a letter tells apart, those on a neighbour are left out where any is on what is named: the rows for
    A类 beside that for C类; and a place with a number, as 3号库, has to be in what is told of it.
    """
    strict = [name for name in query.names if name.strict or _is_in_pinyin(name, candidates, texts)]
    found = [candidate for candidate in candidates if all(_has(candidate, name, texts, documents) for name in strict)]
    search = query.search
    if not any(names_number(search, text_of(candidate, texts).whole) for candidate in found):
        return found
    return [
        candidate
        for candidate in found
        if not is_of_another_number(search, whole := text_of(candidate, texts).whole) and names_places(search, whole)
    ]


def _has(candidate: Candidate, name: Name, texts: PassageTexts, documents: Mapping[str, Document]) -> bool:
    document = documents[candidate.passage.document]
    read = (
        text_of(candidate, texts).whole,
        _introduction(document.title, document.path, document.text[:BEGINNING]),
    )
    if any(variant in text for text in read for variant in name.variants):
        return True
    # A park without a translation is asked in English too: Jiangyin is 江阴.
    return name.text.isascii() and any(variant in plain_pinyin(text) for text in read for variant in name.variants)


def _is_in_pinyin(name: Name, candidates: Sequence[Candidate], texts: PassageTexts) -> bool:
    """Whether a candidate has in Chinese, as the name of no place, what a question names in pinyin."""
    return name.text.isascii() and any(
        is_pinyin(variant)
        and (written := written_in_chinese(variant, text_of(candidate, texts).whole))
        and not is_place(written)
        for variant in name.variants
        for candidate in candidates
    )


@lru_cache(maxsize=1024)
def _introduction(title: str, path: str, beginning: str) -> str:
    return folded(f"{title}\n{path}\n{beginning}")
