"""The entry point of the library: build an index, open it, ask it questions.

This is the composition root: here, and only here, settings are turned into a store, models and a pipeline.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from parkqa.answer import suggestions
from parkqa.answer.answering import Answerer
from parkqa.answer.known_questions import KnownQuestion, known_questions
from parkqa.answer.suggestions import Suggestions
from parkqa.corpus.curation import faq
from parkqa.corpus.curation.config import Curated, curated_of, read_curated
from parkqa.corpus.curation.park import Park
from parkqa.corpus.recognition import Pages
from parkqa.errors import enough_memory
from parkqa.indexing.prepare import prepare
from parkqa.indexing.report import BuildReport
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.models.memory import without_collections
from parkqa.query import request
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import Vocabulary, learn, sample
from parkqa.search.faq_match import FaqMatcher
from parkqa.search.pipeline import Pipeline, Ranking
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.types import Answer, Document, Encoder, Progress, Query, Reranker, Store, Vectors


class Engine:
    """Answers questions from an open index. Immutable after construction, hence thread-safe.

    Attributes:
        settings: the settings that the engine was opened with.
        encoder: the embedding model.
        vocabulary: the words of the corpus, for query understanding.
        pipeline: retrieval and ranking.
        park: the contents of park.yaml.

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
        """Assemble an engine from its parts; callers normally use ``Engine.open`` or ``Engine.over`` instead."""
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
        """Return an engine for a store that is already open.

        Args:
            settings: the settings; kept for reference.
            store: the open index.
            encoder: the embedding model that the index was built with.
            reranker: the cross-encoder; None to rank without one.
            curated: park.yaml, glossary.yaml and faq.yaml; by default as they were when the index was built.
        """
        curated = curated or curated_of(store.note)
        passages = sample(store.passages)
        vocabulary = learn((passage for _, passage in passages), curated.glossary, curated.names)
        matcher = FaqMatcher(store, faq.out_of_scope(curated.faq), vocabulary, encoder)
        pipeline = Pipeline(store, matcher, reranker)
        pipeline.texts.warm(passages)
        suggested = suggestions.answerable(curated.park, pipeline, vocabulary, encoder)
        return cls(settings, encoder, vocabulary, pipeline, curated.park, suggested)

    @classmethod
    @enough_memory()
    @without_collections
    def open(cls, settings: Settings, encoder: Encoder | None = None, reranker: Reranker | None = None) -> Engine:
        """Open the current index.

        Args:
            settings: where the index is and which models to load.
            encoder: an embedding model to use in place of the configured one. If it is given, no model is loaded.
            reranker: a reranker to go with ``encoder``, None for none; ignored unless ``encoder`` is given.

        Raises:
            StoreError: there is no usable index.
            ModelError: a model cannot be loaded.
        """
        encoder, reranker = _models(settings, encoder, reranker)
        return cls.over(settings, backend(settings).open(encoder.fingerprint), encoder, reranker)

    @classmethod
    @enough_memory()
    def build(
        cls,
        settings: Settings,
        progress: Progress | None = None,
        encoder: Encoder | None = None,
        reranker: Reranker | None = None,
        pages: Pages | None = None,
    ) -> BuildReport:
        """Read the corpus, build its index and make it the current one.

        Args:
            settings: where the corpus and the index are and which models to load.
            progress: called with the number of texts embedded so far and the number to embed.
            encoder: an embedding model to use in place of the configured one. If it is given, no model is loaded.
            reranker: a reranker to go with ``encoder``, None for none; ignored unless ``encoder`` is given.
            pages: called before a page that is a picture is recognised, with the path of its document, its number and
                how many pages there are.

        Raises:
            CorpusError: the corpus cannot be read.
            ModelError: a model cannot be loaded or returned unusable vectors.
            StoreError: the index cannot be written.
            OutOfMemory: memory has run out. Whatever fails, the previous index stays current.
        """
        started = time.perf_counter()
        curated = read_curated(settings.corpus)
        # The models load while other processes read the files.
        with ThreadPoolExecutor(max_workers=1) as aside:
            models = aside.submit(_models, settings, encoder, reranker)
            prepared = prepare(settings, curated, pages)
        encoder, reranker = models.result()
        with backend(settings).drafted(prepared.content, encoder, progress) as draft:
            suggested = cls.over(settings, draft.open(), encoder, reranker, curated)._suggested
            built = draft.publish({suggestions.NOTE: suggested.kept(curated.park, reranker)})
        return BuildReport.of(prepared, built, suggested.dropped(curated.park), time.perf_counter() - started)

    def with_models(self, encoder: Encoder, reranker: Reranker | None) -> Engine:
        """Return an engine over the same open index with other instances of the same models."""
        pipeline = replace(self.pipeline, reranker=reranker)
        return Engine(self.settings, encoder, self.vocabulary, pipeline, self.park, self._suggested)

    @property
    def store(self) -> Store:
        """The open index."""
        return self.pipeline.store

    @property
    def reranker(self) -> Reranker | None:
        """The reranker, None if ranking works without one."""
        return self.pipeline.reranker

    @property
    def version(self) -> str:
        """The version of the open index (``Store.version``)."""
        return self.store.version

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by path."""
        return self.store.documents

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The suggested questions in Chinese: those of park.yaml that have an answer."""
        return self._suggested.questions("zh")

    @property
    def suggestions_en(self) -> tuple[str, ...]:
        """The suggested questions in English: those of park.yaml that have an answer."""
        return self._suggested.questions("en")

    def known_questions(self) -> tuple[KnownQuestion, ...]:
        """Return the questions that are known to have an answer: the suggested ones and those of faq.yaml."""
        return known_questions(self.store, self._suggested)

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        literal: bool = False,
        id: str | int | float | None = None,  # noqa: A002 - the name the contract gives it
    ) -> Answer:
        """Answer a question with quotations, or refuse. Small talk has a fixed reply.

        不对 or "next" after a question asks it again without its best passage, 再说一遍 or "say that again" as it was.

        Args:
            question: the question, at most 500 code points (``request.LONGEST``).
            history: the earlier inputs of the conversation, oldest first, from which a follow-up is completed. Only
                the last 20 (``request.HISTORY``) are used; invalid ones are ignored.
            literal: take the question as it is typed, without correcting its spelling or completing it.
            id: an id of the caller's choice; returned in ``Answer.id``.

        Raises:
            BadQuestion: the question is empty, too long or not valid text.
            StoreError: the index cannot be read.
        """
        made = Answerer(self.pipeline, self.encoder, self.vocabulary, self.park, self._suggested)
        return made.ask(question, history, literal=literal, id=id)

    def understand(self, question: str, history: Sequence[str] = (), *, literal: bool = False) -> tuple[Query, Vectors]:
        """Return the parsed question and its embedding, shape (dimension,).

        Args:
            question: the question, as ``request.check`` returns it.
            history: the earlier questions, oldest first, as ``request.usable`` returns them.
            literal: neither correct the spelling nor complete a follow-up.
        """
        query = understand(question, history, self.vocabulary, literal=literal)
        return query, self.encoder.encode_queries([query.search])[0]

    def rank(self, question: str) -> Ranking:
        """Return the ranking that ``ask`` would quote from, for a question without history.

        Raises:
            BadQuestion: the question is empty, too long or not valid text.
            StoreError: the index cannot be read.
        """
        return self.pipeline.rank(*self.understand(request.check(question)))


def _models(settings: Settings, encoder: Encoder | None, reranker: Reranker | None) -> tuple[Encoder, Reranker | None]:
    """Return the models that are given, or else those that the settings name."""
    return (load_encoder(settings), load_reranker(settings)) if encoder is None else (encoder, reranker)
