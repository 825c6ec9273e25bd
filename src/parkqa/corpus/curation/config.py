"""What staff write beside the documents, read together: park.yaml, glossary.yaml and faq.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from parkqa.corpus.curation import faq
from parkqa.corpus.curation.glossary import Glossary, read_glossary
from parkqa.corpus.curation.park import Park, load_park


@dataclass(frozen=True, slots=True)
class Curated:
    """The park, the words that mean the same, and the questions that staff answer themselves."""

    park: Park
    glossary: Glossary
    faq: tuple[faq.Entry, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the park."""
        return (self.park.name, *self.park.short_names)


def read_curated(corpus: Path) -> Curated:
    """Read the three files of a corpus; one that is not there says nothing.

    Raises:
        ParkFileError: a file is not as it should be; names the line.
    """
    return Curated(load_park(corpus), read_glossary(corpus), faq.read_faq(corpus))
