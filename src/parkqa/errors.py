"""The one tree of errors that parkqa raises; each says what is wrong and what to do, in Chinese and English.

::

    ParkqaError
    ├── BadQuestion          the question cannot be asked as it stands (HTTP 422, exit status 2)
    ├── BadFeedback          what was said of an answer cannot be taken (HTTP 422)
    ├── Busy                 too many questions at once; ask again in a moment (HTTP 503)
    ├── SettingsError        a setting has a value that cannot be used
    ├── CorpusError          the folder of documents as a whole
    │   ├── DocumentError    one file of it; carries ``path``
    │   └── ParkFileError    park.yaml, glossary.yaml or faq.yaml; carries ``path`` and ``line``
    ├── QuestionSetError     a line of a question set; carries ``path`` and ``line``
    ├── JournalError         the journal cannot be read or written
    ├── ModelError           a model is missing, damaged or cannot be reached
    └── StoreError           the index
        ├── IndexMissing     nothing has been built there yet
        ├── IndexDamaged     a file is missing or altered; carries ``file``
        ├── IndexMismatch    written by another format version or with another model
        ├── IndexLocked      another build is at work
        └── StoreUnavailable the database cannot be reached or is too slow; ask again in a moment (HTTP 503)
"""

from __future__ import annotations

from pathlib import Path


def legible(name: str) -> str:
    """Return a file's name on one line: what cannot be printed as Python writes it (a line end as ``\\n``)."""
    return "".join(char if char.isprintable() or char == "\u3000" else repr(char)[1:-1] for char in name)


class ParkqaError(Exception):
    """Root of the tree.

    ``zh`` and ``en`` each hold one sentence for the reader; ``str()`` gives both, Chinese first.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en

    def message(self, language: str = "zh") -> str:
        """Return the sentence in ``language`` (``"en"``, anything else is Chinese)."""
        return self.en if language == "en" else self.zh


class BadQuestion(ParkqaError):
    """The question is empty, too long or not text."""


class BadFeedback(ParkqaError):
    """What was said of an answer is not of the form that is taken."""


class Busy(ParkqaError):
    """More questions are waiting than can be answered soon."""


class SettingsError(ParkqaError):
    """A setting has a value that cannot be used."""


class CorpusError(ParkqaError):
    """The folder of documents cannot be used."""


class DocumentError(CorpusError):
    """One document cannot be read; ``path`` names it, as seen from the corpus folder."""

    def __init__(self, path: str, zh: str, en: str) -> None:
        super().__init__(f"{legible(path)}：{zh}", f"{legible(path)}: {en}")
        self.path = path
        self.reason_zh = zh
        self.reason_en = en


class ParkFileError(CorpusError):
    """park.yaml, glossary.yaml or faq.yaml is wrong at ``line`` (1-based; 0 when no line can be named)."""

    def __init__(self, path: Path | str, line: int, zh: str, en: str) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}：{zh}", f"{where}: {en}")
        self.path = str(path)
        self.line = line


class QuestionSetError(ParkqaError):
    """A question set cannot be read; ``line`` is 1-based, 0 when the file as a whole is meant."""

    def __init__(self, path: Path | str, line: int, zh: str, en: str) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}：{zh}", f"{where}: {en}")
        self.path = str(path)
        self.line = line


class JournalError(ParkqaError):
    """The journal cannot be read or written."""


class ModelError(ParkqaError):
    """A model is missing, damaged or cannot be reached."""


class StoreError(ParkqaError):
    """The index cannot be used."""


class IndexMissing(StoreError):
    """Nothing has been built there yet."""


class IndexDamaged(StoreError):
    """A file of the index is missing or altered; ``file`` names it."""

    def __init__(self, file: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.file = file


class IndexMismatch(StoreError):
    """The index was written by another format version or with another model."""


class IndexLocked(StoreError):
    """Another build holds the index."""


class StoreUnavailable(StoreError):
    """The database cannot be reached just now, or did not answer in time."""
