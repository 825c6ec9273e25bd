"""Query understanding: folding, spelling correction, follow-up completion and synonym expansion.

The steps run in this order: the question is folded, greetings and thanks at either end are dropped, its spelling is
corrected, a follow-up is completed from the history (whose questions are treated alike), polite phrases are dropped,
and content words are expanded from the glossary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from parkqa.corpus.curation.glossary import Match, matches
from parkqa.query import followup, spelling, subject
from parkqa.query.correction import corrected
from parkqa.query.question_words import EN_FUNCTION, ZH_FUNCTION, asks_for
from parkqa.query.talk import questions, without_fillers, without_talk
from parkqa.query.vocabulary import Vocabulary
from parkqa.text.characters import YEAR, language
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from parkqa.types import Language, Query

_WEEK = ("周", "星期", "礼拜")
_WEEKDAY = re.compile(f"(?:{'|'.join(_WEEK)})([一二三四五六日天])")


def understand(question: str, history: Sequence[str], vocabulary: Vocabulary, *, literal: bool = False) -> Query:
    """Parse a question.

    Args:
        question: the question, as ``request.check`` returns it.
        history: the earlier questions of the conversation, oldest first.
        vocabulary: the words of the corpus.
        literal: neither correct the spelling nor complete a follow-up.
    """
    plain = without_talk(folded(question))
    if literal:
        return _query(question, plain, plain, (), vocabulary)
    told = corrected(folded(question)) if history else None
    if told:
        return replace(understand(told, history, vocabulary), question=question)
    repaired, repairs = spelling.repair(plain, vocabulary.lexicon)
    meant = followup.complete(repaired, *_conversation(repaired, history, vocabulary))
    return _query(question, plain, meant, repairs, vocabulary)


def otherwise(question: str, history: Sequence[str], vocabulary: Vocabulary) -> Iterator[Query]:
    """Parse a question in the other ways that it can be meant after the earlier ones (``followup.otherwise``)."""
    plain = without_talk(corrected(folded(question)) or folded(question))
    repaired, repairs = spelling.repair(plain, vocabulary.lexicon)
    for meant in followup.otherwise(repaired, *_conversation(repaired, history, vocabulary)):
        yield _query(question, plain, meant, repairs, vocabulary)


def _conversation(
    repaired: str, history: Sequence[str], vocabulary: Vocabulary
) -> tuple[Sequence[str], Language, Collection[str], Callable[[str], str]]:
    """What ``followup`` needs to know of a conversation."""

    def mended(past: str) -> str:
        return spelling.repair(past, vocabulary.lexicon)[0]

    earlier = questions([corrected(past) or past for past in map(folded, history)])
    return earlier, language(repaired), vocabulary.headings, mended


def _query(question: str, plain: str, meant: str, repairs: spelling.Repairs, vocabulary: Vocabulary) -> Query:
    """The parsed question; ``plain`` is how it was typed, folded, and ``meant`` how it is understood."""
    search = without_fillers(meant)
    found = matches(search, vocabulary.glossary)
    concepts = _concepts(search, found, vocabulary.segmenter)
    words = dict.fromkeys(
        token for concept in concepts for word in concept for token in vocabulary.segmenter.tokens(word)
    )
    return Query(
        question=question,
        understood=question if meant == plain else meant,
        search=search,
        language=language(search),
        concepts=concepts,
        tokens=tuple(words),
        years=tuple(dict.fromkeys(YEAR.findall(search))),
        asks=asks_for(meant),
        repairs=repairs,
        names=subject.names(question if meant == plain else meant, search, vocabulary),
    )


def asks_something(query: Query) -> bool:
    """Return whether a question has content: a content word that is not a mere number, a year, or a known answer type.

    哪一年? without history has none, but it asks for a date; 123, 呢? and 为什么? ask for nothing that could be found.
    """
    if query.asks or query.years:
        return True
    return bool(query.concepts) and not re.fullmatch(r"[\d\s.,-]+", query.search)


def _concepts(search: str, found: Sequence[Match], segmenter: Segmenter) -> tuple[tuple[str, ...], ...]:
    """The content words of a folded question: glossary terms with their synonyms, and the words between them."""
    concepts: list[tuple[str, ...]] = []
    position = 0
    for match in found:
        concepts += _words(search[position : match.start], segmenter)
        concepts.append(tuple(dict.fromkeys((search[match.start : match.end], *match.words))))
        position = match.end
    concepts += _words(search[position:], segmenter)
    return tuple(dict.fromkeys(concepts))


def _same_day(word: str) -> tuple[str, ...]:
    """The other names of a day of the week: 周六 and 星期六 for 礼拜六."""
    found = _WEEKDAY.fullmatch(word)
    if found is None:
        return ()
    days = "日天" if found[1] in "日天" else found[1]
    return tuple(name for day in days for week in _WEEK if (name := f"{week}{day}") != word)


def _words(text: str, segmenter: Segmenter) -> list[tuple[str, ...]]:
    return [
        (word, *_same_day(word))
        for word in segmenter.cut(text)
        if re.search(r"\w", word) and word not in ZH_FUNCTION and word not in EN_FUNCTION
    ]
