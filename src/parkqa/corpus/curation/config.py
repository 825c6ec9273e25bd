"""What staff write beside the documents, read together: park.yaml, glossary.yaml and faq.yaml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from parkqa.corpus.curation import faq
from parkqa.corpus.curation.glossary import Glossary, glossary, read_glossary
from parkqa.corpus.curation.park import Park, load_park

NOTE = "curated"
"""Where in ``Store.note`` it is kept: an index knows what it was built with, wherever it is opened."""

_PARK, _FAQ = TypeAdapter(Park), TypeAdapter(tuple[faq.Entry, ...])


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

    def to_json(self) -> str:
        """Return it as JSON, the same text for the same values; words that mean the same are written once."""
        groups = list(dict.fromkeys(self.glossary.meanings.values()))
        numbers = {words: number for number, words in enumerate(groups)}
        values = {
            "park": asdict(self.park),
            "groups": groups,
            "words": {word: numbers[words] for word, words in self.glossary.meanings.items()},
            "faq": [asdict(entry) for entry in self.faq],
        }
        return json.dumps(values, ensure_ascii=False)


def read_curated(corpus: Path) -> Curated:
    """Read the three files of a corpus; one that is not there says nothing.

    Raises:
        ParkFileError: a file is not as it should be; names the line.
    """
    return Curated(load_park(corpus), read_glossary(corpus), faq.read_faq(corpus))


def curated_of(note: Mapping[str, str]) -> Curated:
    """Return what was curated when the index was built that has this ``note``; nothing where it keeps none."""
    values = json.loads(note.get(NOTE, "{}"))
    groups = [tuple(words) for words in values.get("groups", ())]
    return Curated(
        park=_PARK.validate_python(values.get("park", {})),
        glossary=glossary({word: groups[number] for word, number in values.get("words", {}).items()}),
        faq=_FAQ.validate_python(values.get("faq", ())),
    )
