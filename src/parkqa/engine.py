"""The only place that wires: build an index, open it, ask it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from parkqa.answer import quoting, smalltalk
from parkqa.answer import suggestions as suggested
from parkqa.answer.suggestions import Suggestion
from parkqa.corpus.curation import faq
from parkqa.corpus.curation.config import Curated, read_curated
from parkqa.indexing.prepare import prepare
from parkqa.indexing.report import BuildReport
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.query import request, understanding, vocabulary
from parkqa.search import candidates, faq_match, features, ranking, recency, reranking
from parkqa.search import confidence as calibration
from parkqa.search.confidence import Calibration
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.text.characters import language
from parkqa.text.folding import folded
from parkqa.types import Answer, Document, Encoder, Hit, Language, Progress, Query, Quote, Reranker, Store, Vectors

SUGGESTED = 3
"""Questions suggested with an answer."""
LEARNED = 5_000
"""Passages whose words are learned for mending slips; of more, every second, third, … is taken."""
MORE = 160
"""Candidates more at most for the questions of faq.yaml, which must not take the places of passages."""


class Engine:
    """Answers questions from an open index. Thread-safe: nothing changes after it is made."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        encoder: Encoder,
        curated: Curated,
        reader: Reranker | None = None,
        lore: vocabulary.Lore | None = None,
    ) -> None:
        """Take the open parts; ``lore`` is learned of the words of the passages where it is not given."""
        self.settings = settings
        self.store = store
        self.encoder = encoder
        self.park = curated.park
        self.lore = lore or _learned(store, curated)
        self.reader = reader
        self.told = faq_match.Told(store, faq.out_of_scope(curated.faq), self.lore, encoder)
        self.plain, self.read = calibration.load(), calibration.load(reads=True)
        known = suggested.known(store, reader)
        self._suggestions: Mapping[Language, tuple[Suggestion, ...]] = {
            "zh": self._answerable(self.park.suggestions, known),
            "en": self._answerable(self.park.suggestions_en, known),
        }

    @property
    def version(self) -> str:
        """What names the state of the index that answers."""
        return self.store.version

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by path."""
        return self.store.documents

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The Chinese questions of park.yaml that have answers."""
        return tuple(suggestion.question for suggestion in self._suggestions["zh"])

    @property
    def suggestions_en(self) -> tuple[str, ...]:
        """The English ones."""
        return tuple(suggestion.question for suggestion in self._suggestions["en"])

    @classmethod
    def build(
        cls,
        settings: Settings,
        progress: Progress | None = None,
        encoder: Encoder | None = None,
        reader: Reranker | None = None,
    ) -> BuildReport:
        """Read the corpus and build its index.

        Where an ``encoder`` is given, no model is loaded and ``reader`` is the reranker.

        Raises:
            ParkqaError: the corpus, the model or the index folder cannot be used; what was there stays as it was.
        """
        started = time.perf_counter()
        curated = read_curated(settings.corpus)
        prepared = prepare(settings, curated)
        reader = load_reranker(settings) if encoder is None else reader
        encoder = encoder or load_encoder(settings)
        answered: dict[str, int | None] = {}

        def try_out(store: Store) -> Mapping[str, str]:
            answered.update(cls(settings, store, encoder, curated, reader)._answered())
            return {suggested.NOTE: suggested.kept(answered, reader)}

        built = backend(settings).build(prepared.content, encoder, progress, try_out)
        return BuildReport(
            documents=len(prepared.content.documents),
            passages=prepared.passages,
            embedded=built.embedded,
            reused=built.reused,
            seconds=time.perf_counter() - started,
            skipped=prepared.corpus.skipped,
            failed=tuple(str(error) for error in prepared.corpus.failed),
            notes=tuple(str(note) for note in (*prepared.corpus.notes, *prepared.unused)),
            dropped=tuple(asked for asked, row in answered.items() if row is None),
        )

    @classmethod
    def open(cls, settings: Settings, encoder: Encoder | None = None, reader: Reranker | None = None) -> Engine:
        """Open the index that was built, with its model and the reranker.

        Where an ``encoder`` is given, no model is loaded and ``reader`` is the reranker.

        Raises:
            ParkqaError: there is no usable index, or the model cannot be had.
        """
        reader = load_reranker(settings) if encoder is None else reader
        encoder = encoder or load_encoder(settings)
        store = backend(settings).open(encoder.fingerprint)
        return cls(settings, store, encoder, read_curated(settings.corpus), reader)

    def ask(
        self,
        question_: str,
        history: Sequence[str] = (),
        *,
        literal: bool = False,
        id: str | int | float | None = None,  # noqa: A002 - the name the contract gives it
    ) -> Answer:
        """Answer a question by quoting, or refuse.

        ``history`` holds the earlier questions of the conversation, oldest first; ``literal`` repairs and completes
        nothing; ``id`` is given back as it came.

        Raises:
            BadQuestion: the question cannot be asked as it stands.
        """
        started = time.perf_counter()
        clean = request.check(question_)
        talk = smalltalk.smalltalk(folded(clean), language(clean))
        if talk is not None:
            return _reply(question_, clean, id, started, kind="smalltalk", message=talk, confidence=1.0)
        earlier = [request.check(past) for past in history[-request.HISTORY :] if past.strip()]
        query = understanding.understand(clean, earlier, self.lore, literal=literal)
        vector = self.encoder.encode_queries([query.search])[0]
        hits, confidence, numbers = self.find(query, vector)
        sure = bool(hits) and confidence >= numbers.threshold
        quotes = tuple(self._quote(hit, numbers.second) for hit in hits[: quoting.QUOTES])
        return _reply(
            question_,
            query.understood,
            id,
            started,
            repairs=query.repairs,
            kind="answer" if sure else "refusal",
            message="" if sure else quoting.REFUSAL[query.language],
            confidence=confidence,
            quotes=quotes if sure else (),
            related=() if sure else quotes,
            suggestions=self._suggest(query, vector, hits[0].row if sure else -1),
        )

    def find(self, query: Query, vector: Vectors) -> tuple[list[Hit], float, Calibration]:
        """Return the hits, best first, the probability that the first answers, and the numbers that were used."""
        numbers = self.plain
        count = candidates.CANDIDATES + min(len(self.told.leads), MORE)
        found = candidates.candidates(query, vector, self.store, count)
        if not found:
            return [], 0.0, numbers
        rare = features.rarity(query, self.store)
        rows = features.evidence(query, found, rare)
        hits = ranking.rank(found, rows, numbers.rank[query.language])
        if self.reader:
            with_reader = reranking.read(query, found, hits, rows, self.reader)
            if self.reader.fingerprint == self.read.reader:
                numbers, rows = self.read, with_reader
                hits = ranking.rank(reranking.left(found, rows), rows, numbers.rank[query.language])
            else:
                hits = reranking.by_reader(hits, with_reader)
        hits = recency.newest_first(query, self.told.once(hits), self.documents)
        confidence = numbers.confidence(calibration.signs(query, recency.distinct(hits), rows, rare))
        row = self.told.row(query, vector)
        if row is not None:
            hits, confidence = (hits, 0.0) if row == faq_match.NOTHING else (self.told.lead(hits, row), 1.0)
        return [self.told.home(hit) for hit in hits], confidence, numbers

    def _quote(self, hit: Hit, second: float) -> Quote:
        row = self.store.translations.get(hit.row)
        translation = None if row is None else self.store.passages[row].text
        return quoting.quote(hit, self.documents[hit.passage.document], quoting.marks(hit, second), translation)

    def _answerable(self, asked: Sequence[str], known: Mapping[str, int | None]) -> tuple[Suggestion, ...]:
        """Keep the questions that are answered; those of which nothing is known are asked."""
        if not asked or not len(self.store.passages):
            return ()
        queries = [understanding.understand(text, (), self.lore) for text in asked]
        vectors = self.encoder.encode_queries([query.search for query in queries])
        rows = [
            known[query.question] if query.question in known else self._answering(query, vector)
            for query, vector in zip(queries, vectors, strict=True)
        ]
        triples = zip(asked, rows, vectors, strict=True)
        return tuple(Suggestion(text, row, vector) for text, row, vector in triples if row is not None)

    def _answering(self, query: Query, vector: Vectors) -> int | None:
        """The row of the passage that answers, None where none does."""
        hits, confidence, numbers = self.find(query, vector)
        return hits[0].row if hits and confidence >= numbers.threshold else None

    def _answered(self) -> dict[str, int | None]:
        """Each suggested question with the row of the passage that answers it, None where none does."""
        rows = {suggestion.question: suggestion.row for side in self._suggestions.values() for suggestion in side}
        return {asked: rows.get(asked) for asked in (*self.park.suggestions, *self.park.suggestions_en)}

    def _suggest(self, query: Query, vector: Vectors, row: int) -> tuple[str, ...]:
        """Return the nearest questions with an answer other than the one just given."""
        others = [s for s in self._suggestions[query.language] if s.row != row and s.question != query.question]
        nearest = sorted(others, key=lambda suggestion: -float(suggestion.vector @ vector))
        return tuple(suggestion.question for suggestion in nearest[:SUGGESTED])


def _reply(
    asked: str,
    understood: str,
    name: str | int | float | None,
    started: float,
    **parts: Any,
) -> Answer:
    empty: dict[str, Any] = {"repairs": (), "quotes": (), "related": (), "suggestions": ()}
    return Answer(
        id=name,
        answer_id=uuid.uuid4().hex,
        question=asked,
        understood=understood,
        elapsed_ms=(time.perf_counter() - started) * 1000,
        **(empty | parts),
    )


def _learned(store: Store, curated: Curated) -> vocabulary.Lore:
    """Learn the words of the passages, none of them a translation, and fold them for the questions to come."""
    count = len(store.passages)
    step = -(-count // LEARNED)
    passages = store.passages if step <= 1 else store.passages[::step]
    sample = [passage for passage in passages if passage.original is None]
    features.prepare(sample)
    return vocabulary.learn(sample, curated.glossary, curated.names)
