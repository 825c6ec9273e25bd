"""Answers a question: tells talk from a question, understands and ranks it, then quotes or refuses."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from parkqa.answer import listed, notes, premise, quoting
from parkqa.answer.meaning import Meaning, Ranked
from parkqa.answer.smalltalk import smalltalk, suggests
from parkqa.answer.suggestions import Suggestions, unasked
from parkqa.corpus.curation.park import Park
from parkqa.query import ordinals, request, talk
from parkqa.query.talk_words import Talk
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import Vocabulary
from parkqa.search import recency
from parkqa.search.pipeline import Pipeline, Ranking
from parkqa.search.stages import stage
from parkqa.text.characters import language
from parkqa.text.folding import folded
from parkqa.types import Answer, Encoder, Note, Query, Quote


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
        said = None if ordinals.steps([*earlier, clean]) else talk.talk(folded(clean))
        if said and said in talk.BACK and not literal and (last := talk.last_question(said, earlier)):
            said, (asked, earlier, skip) = None, last
        understood, fields = clean, None
        if said is None:
            with stage("understand"):
                query = understand(asked, earlier, self.vocabulary, literal=literal)
            if self._meaning.asks(asked, earlier, query):
                ranked = self._meaning.ranked(query) if literal else self._meaning.of(asked, earlier, query)
                parts = () if literal or skip else self._meaning.parts(earlier, ranked)
                understood = ranked.query.understood
                with stage("quote"):
                    fields = self._in_parts(ranked, parts, earlier) if parts else self._answer(ranked, skip, earlier)
        return Answer(
            id=id,
            answer_id=uuid.uuid4().hex,
            question=question,
            understood=understood,
            elapsed_ms=(time.perf_counter() - started) * 1000,
            **(fields or self._smalltalk(said or "nothing", clean, earlier)),
        )

    def _smalltalk(self, kind: Talk, said: str, earlier: Sequence[str]) -> dict[str, Any]:
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

    def _answer(self, ranked: Ranked, skip: int, earlier: Sequence[str]) -> dict[str, Any]:
        """The fields of the answer to a question, or of its refusal, without the ``skip`` best passages.

        What was asked ``earlier`` is not suggested again.
        """
        query, documents = ranked.query, self.pipeline.store.documents
        ranking = ranked.ranking if ranked.picked else self._versions_first(query, self._true_line(ranked))
        together = listed.whole(query, ranking, documents, self.pipeline.store) if not skip else ranking
        quotes = quoting.quotes(query, together, self.pipeline.store, skip)
        if ranked.picked and quotes:
            quotes = (replace(quotes[0], answer=quotes[0].spans), *quotes[1:])
        elif together is not ranking:
            quotes = (replace(quotes[0], answer=listed.named(together.hits[0].passage)), *quotes[1:])
        answered = ranking.answers and bool(quotes)
        remarks = self._notes(ranked, ranking, quotes) if answered and not skip else ()
        refusal = quoting.refusal(query.language, ranking.missing, more=bool(quotes) or not skip)
        rows = {ranking.hits[0].row} if answered else set()
        return {
            "repairs": query.repairs,
            "kind": "answer" if answered else "refusal",
            "message": notes.said(remarks, query.language, documents) if answered else refusal,
            "confidence": ranking.confidence_of(skip),
            "quotes": quotes if answered else (),
            "related": () if answered else quoting.nearby(quotes, documents),
            "suggestions": self.suggested.nearest(query, ranked.vector, rows, (*earlier, query.question)),
            "missing": ranking.missing,
            "notes": remarks,
        }

    def _in_parts(self, whole: Ranked, found: Sequence[Ranked], earlier: Sequence[str]) -> dict[str, Any]:
        """The fields of the answer to a question of several parts: the best quotation for each.

        If one of them is refused after all (a quantity of a year that the documents do not have), it is one question.
        """
        each = [self._answer(part, 0, earlier) for part in found]
        if not all(fields["quotes"] for fields in each):
            return self._answer(whole, 0, earlier)
        quotes = [replace(fields["quotes"][0], part=number) for number, fields in enumerate(each, 1)]
        rows = {part.ranking.hits[0].row for part in found}
        remarks = tuple(note for fields in each for note in fields["notes"])
        return each[0] | {
            "repairs": whole.query.repairs,
            "message": notes.said(remarks, whole.query.language, self.pipeline.store.documents),
            "quotes": tuple(quotes),
            "suggestions": self.suggested.nearest(whole.query, whole.vector, rows, (*earlier, whole.query.question)),
            "notes": remarks,
            "parts": tuple(part.query.understood for part in found),
        }

    def _true_line(self, ranked: Ranked) -> Ranking:
        return premise.true_line(
            ranked.query,
            ranked.ranking,
            self.pipeline.store.documents,
            lambda text: understand(text, (), self.vocabulary, literal=True),
            lambda other: self._meaning.ranked(other).ranking,
        )

    def _versions_first(self, query: Query, ranking: Ranking) -> Ranking:
        """The ranking led by what has replaced its first hit, with what contradicts the first one second."""
        hits = ranking.hits
        later = recency.replaced(query, hits[: quoting.FURTHER])
        if later is not None:
            return replace(ranking, hits=(hits[later], *hits[:later], *hits[later + 1 :]))
        place = recency.contradicting(hits[: quoting.FURTHER], self.pipeline.store.documents)
        if place is None:
            return ranking
        return replace(ranking, hits=(hits[0], hits[place], *hits[1:place], *hits[place + 1 :]))

    def _notes(self, ranked: Ranked, ranking: Ranking, quotes: Sequence[Quote]) -> tuple[Note, ...]:
        query, documents = ranked.query, self.pipeline.store.documents
        differs = () if ranked.picked else premise.notes_on(query, ranking, documents)
        return (
            *differs,
            *notes.since(query, quotes[0], documents[quotes[0].document]),
            *notes.version(query, ranking, quotes, documents),
        )

    @property
    def _meaning(self) -> Meaning:
        return Meaning(self.pipeline, self.encoder, self.vocabulary)
