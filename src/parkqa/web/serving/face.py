"""The park's name, colour and logo as the pages carry them: those of the index that answers, as soon as it does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from parkqa.corpus.curation.config import curated_of
from parkqa.corpus.curation.logo import Logo, read_logo
from parkqa.corpus.curation.park import FILE, Park, load_park
from parkqa.corpus.readers.draft import Unreadable
from parkqa.errors import StoreError
from parkqa.settings import Settings
from parkqa.store.backend import backend

_LOG = logging.getLogger("parkqa")


class Face:
    """What ``park`` has of the latest index; its logo lies in the corpus folder and is read once for each index.

    Before there is an index that answers, it is that of park.yaml, or of the index where there is no corpus.

    Args:
        settings: where corpus and index are.
        answering: returns the park of the index that answers, None as long as there is none.

    Raises:
        ParkFileError: park.yaml is invalid.
    """

    def __init__(self, settings: Settings, answering: Callable[[], Park | None]) -> None:
        self._corpus = settings.corpus
        self._answering = answering
        self._read = _first(settings)
        self._shown = _shown(self._corpus, self._read)

    @property
    def park(self) -> Park:
        """The park at present, without a logo that cannot be shown."""
        return self._current()[0]

    @property
    def logo(self) -> Logo | None:
        """The logo at present."""
        return self._current()[1]

    def _current(self) -> tuple[Park, Logo | None]:
        read = self._answering() or self._read
        if read is not self._read:
            self._shown = _shown(self._corpus, read)
            self._read = read
        return self._shown


def _first(settings: Settings) -> Park:
    if not (settings.corpus / FILE).exists():
        with suppress(StoreError):
            return curated_of(backend(settings).manifest().note).park
    return load_park(settings.corpus)


def _shown(corpus: Path, park: Park) -> tuple[Park, Logo | None]:
    """The park with its logo, which only a machine with the corpus has."""
    if not park.logo:
        return park, None
    try:
        logo = read_logo(corpus, park.logo)
    except Unreadable as error:
        _LOG.warning("%s: %s", park.logo, error)
        return replace(park, logo="", logo_version=""), None
    return replace(park, logo_version=logo.version), logo
