"""The only place that wires: build an index, open it, ask it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from parkqa.answer import quoting, suggestions
from parkqa.answer.smalltalk import smalltalk
from parkqa.answer.suggestions import Suggestions
from parkqa.corpus.curation import faq
from parkqa.corpus.curation.config import Curated, curated_of, read_curated
from parkqa.corpus.curation.park import Park
from parkqa.indexing.prepare import prepare
from parkqa.indexing.report import BuildReport
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.query import request
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import Vocabulary, learn, sample
from parkqa.search.faq_match import FaqMatcher
from parkqa.search.pipeline import Pipeline, Ranking
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.text.characters import language
from parkqa.text.folding import folded
from parkqa.types import Answer, Document, Encoder, Progress, Query, Reranker, Store, Vectors


class Engine:
    """Answers questions from an open index. Nothing in it changes once it is made: many threads may ask.

    >>> from parkqa import Engine
    >>> from parkqa.settings import load_settings
    >>> engine = Engine.open(load_settings())                    # doctest: +SKIP
    >>> answer = engine.ask("园区什么时候成立的？")              # doctest: +SKIP
    >>> answer.quotes[0].text                                    # doctest: +SKIP
    '2003年8月29日,江阴经济开发区靖江园区正式成立。'
    """

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder,
        vocabulary: Vocabulary,
        pipeline: Pipeline,
        park: Park,
        suggested: Suggestions,
    ) -> None:
        """Take the parts, all made; ``Engine.over`` makes them for an open store, ``Engine.open`` opens that too."""
        self.settings = settings
        self.encoder = encoder
        self.vocabulary = vocabulary
        self.pipeline = pipeline
        self.park = park
        self._suggested = suggested

    @classmethod
    def over(
        cls,
        settings: Settings,
        store: Store,
        encoder: Encoder,
        reranker: Reranker | None = None,
        curated: Curated | None = None,
    ) -> Engine:
        """Return an engine over an open store; ``curated`` is what the store was built with where it is not given."""
        curated = curated or curated_of(store.note)
        passages = sample(store.passages)
        vocabulary = learn((passage for _, passage in passages), curated.glossary, curated.names)
        matcher = FaqMatcher(store, faq.out_of_scope(curated.faq), vocabulary, encoder)
        pipeline = Pipeline(store, matcher, reranker)
        pipeline.texts.warm(passages)
        suggested = suggestions.answerable(curated.park, pipeline, vocabulary, encoder)
        return cls(settings, encoder, vocabulary, pipeline, curated.park, suggested)

    @classmethod
    def open(cls, settings: Settings, encoder: Encoder | None = None, reranker: Reranker | None = None) -> Engine:
        """Open the index that was built, with its model and the reranker.

        Where an ``encoder`` is given, no model is loaded and ``reranker`` is the reranker, None for none.

        Raises:
            ParkqaError: there is no usable index, or the model cannot be had.
        """
        reranker = load_reranker(settings) if encoder is None else reranker
        encoder = encoder or load_encoder(settings)
        return cls.over(settings, backend(settings).open(encoder.fingerprint), encoder, reranker)

    @classmethod
    def build(
        cls,
        settings: Settings,
        progress: Progress | None = None,
        encoder: Encoder | None = None,
        reranker: Reranker | None = None,
    ) -> BuildReport:
        """Read the corpus and build its index.

        Where an ``encoder`` is given, no model is loaded and ``reranker`` is the reranker. ``progress`` is called with
        the number of texts embedded and of all that have to be.

        Raises:
            ParkqaError: the corpus, the model or the index folder cannot be used; what was there stays as it was.
        """
        started = time.perf_counter()
        curated = read_curated(settings.corpus)
        prepared = prepare(settings, curated)
        reranker = load_reranker(settings) if encoder is None else reranker
        encoder = encoder or load_encoder(settings)
        with backend(settings).drafted(prepared.content, encoder, progress) as draft:
            suggested = cls.over(settings, draft.open(), encoder, reranker, curated)._suggested
            built = draft.publish({suggestions.NOTE: suggested.kept(curated.park, reranker)})
        return BuildReport.of(prepared, built, suggested.dropped(curated.park), time.perf_counter() - started)

    @property
    def store(self) -> Store:
        """The open index."""
        return self.pipeline.store

    @property
    def reranker(self) -> Reranker | None:
        """What reads the best units, if anything."""
        return self.pipeline.reranker

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
        return self._suggested.questions("zh")

    @property
    def suggestions_en(self) -> tuple[str, ...]:
        """The English ones."""
        return self._suggested.questions("en")

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        literal: bool = False,
        id: str | int | float | None = None,  # noqa: A002 - the name the contract gives it
    ) -> Answer:
        """Answer a question by quoting, or refuse.

        ``question`` has at most 500 code points; ``history`` holds the earlier questions of the conversation, oldest
        first, of which those that cannot be asked as they stand are passed over; ``literal`` repairs and completes
        nothing; ``id`` is given back as it came.

        Raises:
            BadQuestion: the question cannot be asked as it stands.
        """
        started = time.perf_counter()
        clean = request.check(question)
        talk = smalltalk(folded(clean), language(clean))
        if talk is not None:
            return _reply(question, clean, id, started, kind="smalltalk", message=talk, confidence=1.0)
        query, vector = self.understand(clean, request.usable(history), literal=literal)
        ranking = self.pipeline.rank(query, vector)
        quotes = quoting.quotes(ranking, self.store)
        sure = ranking.answers
        return _reply(
            question,
            query.understood,
            id,
            started,
            repairs=query.repairs,
            kind="answer" if sure else "refusal",
            message="" if sure else quoting.REFUSAL[query.language],
            confidence=ranking.confidence,
            quotes=quotes if sure else (),
            related=() if sure else quotes,
            suggestions=self._suggested.nearest(query, vector, ranking.hits[0].row if sure else -1),
        )

    def understand(self, question: str, history: Sequence[str] = (), *, literal: bool = False) -> tuple[Query, Vectors]:
        """Return what a checked question means, and its vector, shape (dimension,)."""
        query = understand(question, history, self.vocabulary, literal=literal)
        return query, self.encoder.encode_queries([query.search])[0]

    def rank(self, question: str) -> Ranking:
        """Return the ranking for a question that stands alone, as ``ask`` has it before anything is quoted.

        Raises:
            BadQuestion: the question cannot be asked as it stands.
        """
        return self.pipeline.rank(*self.understand(request.check(question)))


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
