"""Prepares the content of a store from the corpus, and checks whether the current index is up to date."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parkqa.corpus.conversion import found
from parkqa.corpus.curation import config, faq
from parkqa.corpus.curation.config import Curated
from parkqa.corpus.documents import Corpus, read_corpus
from parkqa.corpus.folder import fingerprint
from parkqa.corpus.kept_files import SHOWN, KeptFiles
from parkqa.corpus.limits import Limits
from parkqa.corpus.passages import above, context, part, pieces
from parkqa.corpus.recognition import Pages, Recogniser, recogniser, version
from parkqa.corpus.translations import with_translations
from parkqa.errors import CorpusError, ParkFileError, StoreError, StoreUnavailable
from parkqa.query.vocabulary import segmenter
from parkqa.search import faq_match
from parkqa.settings import Settings
from parkqa.store.backend import backend
from parkqa.store.content import Content, Row
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from parkqa.types import Passage

OCR = "ocr"
"""Key of the note that says with which recogniser pages were read; "" without one."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A corpus that is ready to be indexed.

    Attributes:
        content: what the store is to hold.
        corpus: the corpus as it was read, with the files that were skipped or could not be read.
        passages: number of passages that can be quoted, that is, without translations and questions of faq.yaml.
        unused: one error for each entry of faq.yaml that cannot be used.
    """

    content: Content
    corpus: Corpus
    passages: int
    unused: tuple[ParkFileError, ...]


def prepare(settings: Settings, curated: Curated, pages: Pages | None = None) -> Prepared:
    """Read the corpus and split it into passages, with the translations and the questions of faq.yaml.

    Args:
        settings: where the corpus and the current index are.
        curated: park.yaml, glossary.yaml and faq.yaml.
        pages: called before a page that is a picture is recognised.

    Raises:
        CorpusError: the corpus cannot be read, or it holds no document although the current index does.
    """
    office, shown = found(settings), KeptFiles(settings.cache / SHOWN)
    with _recogniser(settings, pages) as ocr:
        corpus = read_corpus(
            settings.corpus, curated.park.documents, Limits.of(settings), office, ocr, curated.park.pictures, shown
        )
    for kept in (office, shown):
        if kept:
            kept.forget_unused(time.time())
    _check_not_emptied(settings, corpus)
    corpus, passages = with_translations(corpus)
    forms, unused = faq.forms(curated.faq, corpus.documents, passages, settings.corpus / faq.FILE)
    passages += forms
    rows = _rows(passages, segmenter(curated.names, curated.glossary))
    originals = sum(passage.original is None for passage in passages)
    note = {
        "corpus": fingerprint(settings.corpus),
        "passages": str(originals),
        faq_match.NOTE: faq_match.kept(passages),
        config.NOTE: curated.to_json(),
        OCR: version() if ocr else "",
    }
    return Prepared(Content(corpus.documents, rows, note), corpus, originals, tuple(unused))


@contextlib.contextmanager
def _recogniser(settings: Settings, pages: Pages | None) -> Iterator[Recogniser | None]:
    """Yield a recogniser as the settings want it, None for none, and end its process."""
    with contextlib.ExitStack() as stack:
        made = recogniser(settings, pages)
        yield stack.enter_context(made) if made else None


def _check_not_emptied(settings: Settings, corpus: Corpus) -> None:
    """Refuse to replace an index by an empty one: a missing network drive is likelier than a corpus without documents.

    Raises:
        CorpusError: the corpus holds no document although the current index does.
    """
    if corpus.documents:
        return
    with contextlib.suppress(StoreError):
        if backend(settings).manifest().documents:
            where = backend(settings).place
            raise CorpusError(
                f"资料文件夹 {settings.corpus} 里一份能读的资料都没有了，原来的索引没有动。请放回资料；"
                f"真要清空，请先删掉索引 {where}。",
                f"There is no readable document left in {settings.corpus}; the index that was there is untouched. Put "
                f"the documents back, or delete the index {where} first if nothing is meant.",
            )


def _rows(passages: Sequence[Passage], segmenter: Segmenter) -> list[Row]:
    rows = []
    for passage in passages:
        text = folded(context(passage))
        rows.append(Row(passage, text, _sentences(passage), tuple(segmenter.tokens(text))))
    return rows


def _sentences(passage: Passage) -> tuple[str, ...]:
    """The texts that are embedded for the sentences and clauses of a passage, each preceded by the headings."""
    heading = above(passage)
    texts = (part(passage, span) for _, span in pieces(passage))
    return tuple(folded(f"{heading}\n{text}" if heading else text) for text in texts)


def is_current(settings: Settings) -> bool:
    """Return whether there is an index that was built from the corpus in its present state.

    One that was built without recognising pages is not current where they can be recognised; the other way round it
    is, so that an index can be taken to a machine without the extra ``ocr``.

    Raises:
        StoreUnavailable: the index is in a database that cannot be reached.
    """
    try:
        note = backend(settings).manifest().note
        if not note.get(OCR) and recogniser(settings):
            return False
        return note.get("corpus") == fingerprint(settings.corpus)
    except StoreUnavailable:
        raise
    except StoreError:
        return False
