"""Answers a question: tells talk from a question, understands and ranks it, then quotes or refuses."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from parkqa.answer import premise, quoting
from parkqa.answer.smalltalk import smalltalk, suggests
from parkqa.answer.suggestions import Suggestions, unasked
from parkqa.corpus.curation.park import Park
from parkqa.query import request, talk
from parkqa.query.followup import is_definite
from parkqa.query.understanding import asks_something, otherwise, understand
from parkqa.query.vocabulary import Vocabulary
from parkqa.search.pipeline import Pipeline, Ranking
from parkqa.text.characters import language
from parkqa.text.folding import folded
from parkqa.types import Answer, Encoder, Query, Vectors

SURE = 0.8
"""Confidence from which a question after others is not tried in the other ways that it can be meant.

Chosen by hand: below it, one in five answers is wrong. A larger value asks more questions twice.
"""


LIKELY = 0.1
"""Confidence with which a passage must answer a question by itself to answer it in the light of the earlier ones.

Chosen by hand: about half the threshold of refusals. A smaller value repeats the last answer for another question.
"""


class _Ranked(NamedTuple):
    """A question as it is understood, its embedding, and the ranking of the passages for it."""

    query: Query
    vector: Vectors
    ranking: Ranking


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers questions by a pipeline; see ``Engine`` for what the attributes are."""

    pipeline: Pipeline
    encoder: Encoder
    vocabulary: Vocabulary
    park: Park
    suggested: Suggestions

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        literal: bool = False,
        id: str | int | float | None = None,  # noqa: A002 - the name the contract gives it
    ) -> Answer:
        """Answer a question with quotations, or refuse; see ``Engine.ask``."""
        started = time.perf_counter()
        clean = request.check(question)
        asked, earlier, skip = clean, tuple(request.usable(history)), 0
        said = talk.talk(folded(clean))
        if said and said in talk.BACK and not literal and (last := talk.last_question(said, earlier)):
            said, (asked, earlier, skip) = None, last
        understood, parts = clean, None
        if said is None:
            query = understand(asked, earlier, self.vocabulary, literal=literal)
            if asks_something(query):
                ranked = self._ranked(query) if literal else self._surest(asked, earlier, query)
                understood, parts = ranked.query.understood, self._answer(ranked, skip, earlier)
        return Answer(
            id=id,
            answer_id=uuid.uuid4().hex,
            question=question,
            understood=understood,
            elapsed_ms=(time.perf_counter() - started) * 1000,
            **(parts or self._smalltalk(said or "nothing", clean, earlier)),
        )

    def _smalltalk(self, kind: talk.Talk, said: str, earlier: Sequence[str]) -> dict[str, Any]:
        spoken = language(said)
        return {
            "repairs": (),
            "kind": "smalltalk",
            "message": smalltalk(kind, spoken, self.park.reached(spoken)[0]),
            "confidence": 1.0,
            "quotes": (),
            "related": (),
            "suggestions": unasked(self.suggested.questions(spoken), earlier) if suggests(kind) else (),
        }

    def _ranked(self, query: Query) -> _Ranked:
        vector = self.encoder.encode_queries([query.search])[0]
        return _Ranked(query, vector, self.pipeline.rank(query, vector))

    def _surest(self, asked: str, earlier: Sequence[str], query: Query) -> _Ranked:
        """Of the ways to understand a question after others, the one that is answered surely, or else the surest.

        What answers a question in the light of the earlier ones must be among what may answer it by itself: else
        食堂几点开 would be answered with what was shown before.
        """
        best = self._ranked(query)
        if not earlier or best.ranking.confidence >= SURE:
            return best
        alone = understand(asked, (), self.vocabulary)
        if is_definite(alone.search, alone.language):
            return best
        itself = best if alone.search == query.search else self._ranked(alone)
        if itself.ranking.answers and itself.ranking.confidence > best.ranking.confidence:
            best = itself
        for other in otherwise(asked, earlier, self.vocabulary):
            if best.ranking.confidence >= SURE:
                break
            tried = self._ranked(other)
            better = tried.ranking.answers and tried.ranking.confidence > best.ranking.confidence
            if better and itself.ranking.confidence_in(tried.ranking.hits[0].row) >= LIKELY:
                best = tried
        return best

    def _answer(self, ranked: _Ranked, skip: int, earlier: Sequence[str]) -> dict[str, Any]:
        """The parts of the answer to a question, or of its refusal, without the ``skip`` best passages.

        What was asked ``earlier`` is not suggested again.
        """
        query, documents = ranked.query, self.pipeline.store.documents
        ranking = premise.true_line(
            query,
            ranked.ranking,
            documents,
            lambda text: understand(text, (), self.vocabulary, literal=True),
            lambda other: self._ranked(other).ranking,
        )
        quotes = quoting.quotes(query, ranking, self.pipeline.store, skip)
        answered = ranking.answers and bool(quotes)
        notes = premise.notes_on(query, ranking, documents) if answered and not skip else ()
        refusal = quoting.refusal(query.language, ranking.missing, more=bool(quotes) or not skip)
        row = ranking.hits[0].row if answered else -1
        return {
            "repairs": query.repairs,
            "kind": "answer" if answered else "refusal",
            "message": premise.said(notes, query.language) if answered else refusal,
            "confidence": ranking.confidence_of(skip),
            "quotes": quotes if answered else (),
            "related": () if answered else quoting.nearby(quotes, documents),
            "suggestions": self.suggested.nearest(query, ranked.vector, row, (*earlier, query.question)),
            "missing": ranking.missing,
            "notes": notes,
        }
