"""The answer within a quotation: the shortest run of clauses of the marked sentence that holds it.

A reranker that finds spans (``types.SpanReranker``) gives each token of a sentence the log-odds that the answer starts
and that it ends there. From these follows how likely each run of clauses is to hold the whole answer (as start and end
are read in BERT for SQuAD: Devlin et al., 2019, arXiv:1810.04805). Clauses rather than bare spans are set off, because
"建成区32平方公里" can be read by itself and "32" cannot. Everything is a slice of the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from parkqa.corpus.passages import part
from parkqa.corpus.readers.draft import CELLS
from parkqa.query.question_words import asks_for_items, holds_answer
from parkqa.search.passage_texts import units
from parkqa.search.ranking import best_unit
from parkqa.text.folding import folded, origins
from parkqa.types import Hit, Passage, Query, Reading, Span

ENOUGH, MOST = 0.7, 100
"""Probability with which the clauses that are set off hold the answer, unless these have more than MOST code points.

Chosen by hand on questions on three parks: with .7, the gold lies within what is set off for .94, which has 36 code
points on average; with .5, .90 and 30; with .8, .95 and 41. Above MOST nothing stands out; then those clauses of at
most that length are set off that hold the answer most probably.
"""
LONG, LEAST = 50, 0.1
"""Code points of a run from which on a single clause of it may do, and the probability with which that has to hold the
answer.

Chosen on 607 questions on the shipped park: what is set off has 41 code points on average instead of 48, and the gold
lies within it for .931 instead of .937; from 40 on, 39 and .921; with a probability of .2, 44 and .936.
"""
LONGEST = 64
"""Largest number of tokens of an answer; the sets' answers have 3 to 10, and a longer one is a sentence."""
ASKED = 1.5
"""How many of the question's concepts weigh as much as what it asks for, a date or an amount.

Chosen by hand: a clause with a date that names one concept is preferred to one without that names two.
"""
SHORT = 16
"""Largest number of code points of a sentence that is set off whole. Chosen by hand: there is nothing to leave out."""

_CLOSERS = "[”’」』]*"
_BREAK = re.compile(
    rf"[，；：。！？!?|\n\t]+{_CLOSERS}"
    rf"|[,:;](?![\d/]){_CLOSERS}"  # no part of a number, a time or an address
    r"|[）)]+|(?=[（(])|——+"
)
"""Where a clause ends."""
_RIM = " \t\n，；：、。,;:|—"
"""What is left off at either end of what is set off."""


def answer(query: Query, hit: Hit, marked: Sequence[Span], reading: Reading | None) -> tuple[Span, ...]:
    """Return the spans of the answer in a hit, as document offsets, each within one of the marked spans.

    Args:
        query: the question.
        hit: the hit that is quoted.
        marked: the sentences or items of it that answer (``quoting.marks``), as document offsets.
        reading: what the reranker found in the hit's best unit; None if it did not read it.
    """
    if hit.passage.kind == "list" and asks_for_items(query.search):
        return tuple(marked)
    if (cell := _cell(query, hit.passage, marked)) is not None:
        return (cell,)
    if reading is None or not len(reading.offsets) or hit.marks:
        return (_trimmed(hit.passage, _by_words(query, hit.passage, marked)),)
    unit = units(hit.passage)[best_unit(hit)]
    pieces = _pieces(hit.passage, unit)
    masses = _masses(pieces, _places(hit.passage, unit, reading), reading)
    found = _named(query, hit.passage, pieces, masses, _shortest(pieces, masses))
    return tuple(_trimmed(hit.passage, each) for each in _cut(found, marked))


def _cell(query: Query, passage: Passage, marked: Sequence[Span]) -> Span | None:
    """The cell of a row in the only column whose head names most of what a question asks for; None if there is none."""
    heads = folded(passage.heading[-1]).split(CELLS) if passage.kind == "row" and passage.heading else []
    cells = passage.text.split(CELLS)
    if len(heads) < 3 or len(heads) != len(cells):
        return None
    row = folded(cells[0])
    asked = [words for words in query.concepts if not any(word in row for word in words)]
    named = [sum(any(word in head for word in words) for words in asked) for head in heads]
    most = max(named[1:])
    column = named.index(most, 1)
    if not most or named.count(most) > 1 or not re.search(r"\w", cells[column]):
        return None
    start = passage.start + len(CELLS.join(cells[:column])) + len(CELLS)
    span = (start, start + len(cells[column]))
    return span if any(a <= span[0] and span[1] <= b for a, b in marked) else None


def _cut(found: Span, marked: Sequence[Span]) -> tuple[Span, ...]:
    """The parts of a span within the marked ones, or else these: several items of a list."""
    spans = [(max(a, found[0]), min(b, found[1])) for a, b in marked]
    return tuple((start, end) for start, end in spans if start < end) or tuple(marked)


def _pieces(passage: Passage, span: Span) -> list[Span]:
    """The clauses of a part of a passage, as document offsets; together they cover it."""
    text = part(passage, span)
    if len(text.strip()) <= SHORT:
        return [span]
    ends = sorted({match.end() for match in _BREAK.finditer(text)} | {0, len(text)})
    return [(span[0] + a, span[0] + b) for a, b in pairwise(ends)]


def _places(passage: Passage, unit: Span, reading: Reading) -> npt.NDArray[np.intp]:
    """The document offset at which each token of a reading begins."""
    text = part(passage, unit)
    plain = folded(text)
    lead = len(plain) - len(plain.lstrip())
    back = np.array(origins(text), dtype=np.intp)
    at: npt.NDArray[np.intp] = unit[0] + back[np.minimum(reading.offsets[:, 1] - 1 + lead, len(back) - 1)]
    return at


def _masses(pieces: Sequence[Span], places: npt.NDArray[np.intp], reading: Reading) -> npt.NDArray[np.float64]:
    """The probability that the answer begins in one piece and ends in another, shape (len(pieces), len(pieces))."""
    ends = reading.ends.astype(np.float64)
    count = len(ends)
    both = ends[:, 0][:, None] + ends[:, 1][None]
    later = np.arange(count)[None] - np.arange(count)[:, None]
    both[(later < 0) | (later >= LONGEST)] = -np.inf
    likely = np.exp(both - both.max())
    likely /= likely.sum()
    of = np.searchsorted([end for _, end in pieces], places, "right").clip(0, len(pieces) - 1)
    found = np.zeros((len(pieces), len(pieces)))
    np.add.at(found, (of[:, None], of[None]), likely)
    return found


def _shortest(pieces: Sequence[Span], masses: npt.NDArray[np.float64]) -> Span:
    """The shortest run of pieces that holds the answer with probability ENOUGH, or the likeliest of at most MOST."""
    count = len(pieces)
    within = np.zeros((count + 1, count + 1))  # of what begins before one piece and ends before another
    within[1:, 1:] = masses.cumsum(axis=0).cumsum(axis=1)
    runs = [
        # Nothing ends before it begins, so this is the mass of what lies between the two ends.
        (within[last + 1, last + 1] - within[first, last + 1], (pieces[first][0], pieces[last][1]))
        for first in range(count)
        for last in range(first, count)
    ]
    size, best = min(((b - a, (a, b)) for mass, (a, b) in runs if mass >= ENOUGH), default=(MOST + 1, pieces[0]))
    if size <= MOST:
        return best
    short = [(mass, a - b, (a, b)) for mass, (a, b) in runs if b - a <= MOST]
    return max(short)[2] if short else best


def _named(query: Query, passage: Passage, pieces: Sequence[Span], masses: npt.NDArray[np.float64], run: Span) -> Span:
    """The one clause of a long run that names all of what the question and the run name; the run if there is none.

    In a sentence of many like clauses (三大科创载体, 五大产业基地) the reading often tells where the answer begins, but
    not where it ends.
    """
    if run[1] - run[0] <= LONG:
        return run
    inside = [place for place, piece in enumerate(pieces) if run[0] <= piece[0] and piece[1] <= run[1]]
    texts = [folded(part(passage, pieces[place])) for place in inside]
    named = [frozenset(words for words in query.concepts if any(word in text for word in words)) for text in texts]
    every = frozenset().union(*named)
    full = [place for place, mine in zip(inside, named, strict=True) if mine == every]
    kinds = [place for place, text in zip(inside, texts, strict=True) if query.asks and holds_answer(query.asks, text)]
    if not every or len(full) != 1 or masses[full[0], full[0]] < LEAST or (kinds and full[0] not in kinds):
        return run
    return pieces[full[0]]


def _trimmed(passage: Passage, span: Span) -> Span:
    """A span without the punctuation at its ends."""
    text = part(passage, span)
    start = span[0] + len(text) - len(text.lstrip(_RIM))
    return (start, start + len(text.strip(_RIM))) if text.strip(_RIM) else span


def _by_words(query: Query, passage: Passage, marked: Sequence[Span]) -> Span:
    """The clause that has most of the question's words and what it asks for: where nothing was read."""
    pieces = [piece for span in marked for piece in _pieces(passage, span)]
    texts = [folded(part(passage, piece)) for piece in pieces]
    scores = [
        sum(any(word in text for word in words) for words in query.concepts)
        + ASKED * bool(holds_answer(query.asks, text))
        for text in texts
    ]
    return pieces[max(range(len(pieces)), key=lambda i: (scores[i], -i))]
