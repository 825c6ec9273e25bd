"""The value types shared by all of parkqa, and the interfaces (``Encoder``, ``Reranker``, ``Store``) of its parts.

They are imported from here. One module holds what travels on each part of the way: ``documents``, ``queries``,
``results``, ``answers``; ``interfaces`` holds what can be replaced. The values are frozen dataclasses with
hardly any behaviour, so that every other module can import them without importing a model or a store.
"""

from parkqa.types.answers import Answer, AnswerKind, Mode, Note, Quote
from parkqa.types.documents import Block, BlockKind, Document, Leaf, Page, Passage, PassageKind, Span
from parkqa.types.interfaces import Encoder, FaissKind, Progress, Reading, Reranker, SpanReranker, Store
from parkqa.types.queries import Language, Name, Query
from parkqa.types.results import Hit, Match, Vectors

__all__ = [
    "Answer",
    "AnswerKind",
    "Block",
    "BlockKind",
    "Document",
    "Encoder",
    "FaissKind",
    "Hit",
    "Language",
    "Leaf",
    "Match",
    "Mode",
    "Name",
    "Note",
    "Page",
    "Passage",
    "PassageKind",
    "Progress",
    "Query",
    "Quote",
    "Reading",
    "Reranker",
    "Span",
    "SpanReranker",
    "Store",
    "Vectors",
]
