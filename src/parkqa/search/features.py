"""Features: what speaks for each unit of a candidate passage, as numbers.

A unit is what can be marked by itself: a sentence, or the whole of a list. ``FEATURES`` names the numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from parkqa.corpus.passages import heading_path, part
from parkqa.search.candidates import Found, counterparts, units
from parkqa.text.characters import YEAR
from parkqa.text.folding import folded
from parkqa.types import Passage, Query, Store

FEATURES = (
    "dense",  # cosine of question and passage
    "sentence",  # cosine of question and sentence
    "clause",  # cosine of question and the nearest clause of the sentence
    "lexical",  # BM25 weight over the best that any passage has for this question
    "covered",  # share of the question's concepts, by idf, that stand in the passage or its heading
    "covered_here",  # the same for the sentence alone with the heading
    "heading",  # share of the concepts that stand in the heading
    "year",  # 1: has a year that was named, -1: the question names years and this has none of them
    "asked",  # 1: has a thing of the kind asked for, -1: has none, 0: the kind is not known
    "whole",  # 1: a list, asked for one; -1: one of the two only
    "caption",  # 1: a caption, which says little
)

_KINDS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "phone": r"\d{3,4}[- ]?\d{7,8}|1[3-9]\d{9}|\b[48]00[- ]?\d",
        "mail": r"@",
        "web": r"www\.|https?:|\.(?:com|cn|net|org)\b|公众号",
        "code": r"\b[a-z]{0,4}\d{4,6}\b(?!年)",
        "clock": r"\d[点:]|上午|下午",
        "money": r"\d *[万亿]?(?:美|欧|港|日)?元|[万亿]元|[¥$€]|\b(?:yuan|dollars?|rmb|euros?)\b",
        "people": r"\d[万多余]*(?:人|名|位|户)|\b(?:people|employees|workers|residents|households)\b",
        "area": r"平方|亩|公顷|\b(?:square|hectares?|acres?|mu)\b",
        "distance": r"\d *(?:公里|千米|米|分钟|小时)|\b(?:km|kilomet|miles?|minutes?|hours?)\b",
        "share": r"%|百分之|成以上|\bper ?cent\b",
        "tonnage": r"吨|\bton(?:ne)?s?\b",
        "when": r"(?:19|20)\d\d年|\d+月\d+日|\b(?:19|20)\d\d\b|\d+年",
        "amount": r"\d|[一二两三四五六七八九十百千万亿]+[家个座类项大条期位余多级亿]"
        r"|\b(?:one|two|three|four|five|six|ten|hundred)\b",
        "list": r"、.+?(?:、|和|以及)|(?:, [^,]+){2,}",
    }.items()
}
"""What a text must hold to name a thing of the kind that ``wording.ASKS`` tells; folded."""

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one unit of a candidate.

    ``features`` as named in FEATURES; ``present`` says of each concept of the question whether the passage has it.
    """

    row: int
    unit: int
    features: npt.NDArray[np.float64]
    present: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rarity:
    """Of each concept of a question its inverse document frequency, and whether it stands ``nowhere``."""

    idf: Weights
    nowhere: npt.NDArray[np.bool_]


def rarity(query: Query, store: Store) -> Rarity:
    """Return how rare the concepts are; the inverse document frequency is ln(1 + (N - n + ½) / (n + ½)), as BM25's."""
    total = len(store.passages)
    seen = [_seen(concept, store) for concept in query.concepts]
    idf = [math.log1p((total - n + 0.5) / (n + 0.5)) for n in seen]
    return Rarity(np.array(idf, dtype=np.float64), np.array([n == 0 for n in seen], dtype=bool))


def _seen(concept: Sequence[str], store: Store) -> int:
    return max((store.frequency(word) for word in concept), default=0)


@lru_cache(maxsize=65536)
def plain(passage: Passage) -> str:
    """Return a passage folded, with its headings before it."""
    return folded(f"{heading_path(passage)}\n{passage.text}")


def _stands(words: Sequence[str], text: str) -> bool:
    """Whether a word stands in folded ``text``; a plain loop, for it is asked thousands of times a question."""
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False


def evidence(query: Query, found: Sequence[Found], rare: Rarity) -> list[Evidence]:
    """Return the evidence for every unit of every candidate."""
    weighed = list(zip(query.concepts, rare.idf.tolist(), strict=True))
    best = max((candidate.lexical for candidate in found), default=0.0) or 1.0
    return [row for candidate in found for row in _evidence(query, candidate, weighed, best)]


def _evidence(
    query: Query, candidate: Found, weighed: Sequence[tuple[Sequence[str], float]], best: float
) -> list[Evidence]:
    passage, texts = candidate.passage, _texts(candidate.passage, candidate.translation)
    total = sum(weight for _, weight in weighed) or 1.0
    there = [_stands(words, texts.whole) for words, _ in weighed]
    # What stands in a heading or in a unit stands in the whole: the rest need not be looked for again.
    inside = [
        (words, weight, _stands(words, texts.heading))
        for (words, weight), stands in zip(weighed, there, strict=True)
        if stands
    ]
    covered = sum(weight for _, weight, _ in inside) / total
    headed = sum(weight for _, weight, above in inside if above) / total
    present = np.array(there, dtype=bool)
    rows = []
    for unit, here in enumerate(texts.units):
        cosine = candidate.dense if passage.kind == "list" else float(candidate.sentences[unit])
        features = (
            candidate.dense,
            cosine,
            max(cosine, float(candidate.clauses.max() if passage.kind == "list" else candidate.clauses[unit])),
            candidate.lexical / best,
            covered,
            sum(weight for words, weight, above in inside if above or _stands(words, here)) / total,
            headed,
            _year(query, here, texts.whole),
            _asked(query, passage, here),
            _whole(query, passage),
            float(passage.kind == "caption"),
        )
        rows.append(Evidence(candidate.row, unit, np.array(features), present))
    return rows


@dataclass(frozen=True, slots=True)
class _Texts:
    """The ``whole`` of a passage with its headings, these ``heading`` alone, and each of its ``units``; all folded."""

    whole: str
    heading: str
    units: tuple[str, ...]


def prepare(passages: Iterable[Passage]) -> None:
    """Fold what questions will be held against, so that the first of them need not wait for it: 20 µs a passage."""
    for passage in passages:
        _texts(passage, None)


@lru_cache(maxsize=65536)
def _texts(passage: Passage, other: Passage | None) -> _Texts:
    """The texts in which a question's concepts are looked for, each with what translates it."""
    mine = [folded(part(passage, span)) for span in units(passage)]
    if other is None:
        return _Texts(plain(passage), folded(heading_path(passage)), tuple(mine))
    theirs = [folded(part(other, span)) for span in counterparts(passage, other)]
    return _Texts(
        f"{plain(passage)}\n{plain(other)}",
        folded(f"{heading_path(passage)}\n{heading_path(other)}"),
        tuple(f"{one}\n{two}" for one, two in zip(mine, theirs, strict=True)),
    )


def share(there: npt.NDArray[np.bool_], weights: Weights) -> float:
    """Return the weighted share of concepts that are there; 0 when the question has none."""
    total = float(weights.sum())
    return float(weights[there].sum()) / total if total else 0.0


def _year(query: Query, here: str, whole: str) -> float:
    if not query.years:
        return 0.0
    named = set(YEAR.findall(here)) or set(YEAR.findall(whole))
    return 1.0 if named & set(query.years) else -1.0


def _asked(query: Query, passage: Passage, here: str) -> float:
    pattern = _KINDS.get(query.asks)
    if pattern is None:
        return 0.0
    return 1.0 if pattern.search(here) or (query.asks == "list" and passage.kind == "list") else -1.0


def _whole(query: Query, passage: Passage) -> float:
    asked, given = query.asks == "list", passage.kind == "list"
    return float(asked and given) - float(given and not asked)
