"""Reads park.yaml, glossary.yaml and faq.yaml together, and stores them with the index.

A server takes them from its index and not from the corpus folder, so they always fit the passages it searches.
"""

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
"""The key in ``Store.note`` under which ``Curated.to_json`` is kept."""

_PARK, _FAQ = TypeAdapter(Park), TypeAdapter(tuple[faq.Entry, ...])


@dataclass(frozen=True, slots=True)
class Curated:
    """The contents of park.yaml, glossary.yaml and faq.yaml; defaults and empty for files that do not exist."""

    park: Park
    glossary: Glossary
    faq: tuple[faq.Entry, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The Chinese names of the park: the full one, then the short ones."""
        return (self.park.name, *self.park.short_names)

    def to_json(self) -> str:
        """Return the values as JSON for ``curated_of``; equal values give equal text.

        Each group of synonyms is written once, and the words refer to it by number.
        """
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
    """Read the three files of a corpus folder; each of them may be missing.

    Raises:
        ParkFileError: a file is malformed; the error names it and the line.
    """
    return Curated(load_park(corpus), read_glossary(corpus), faq.read_faq(corpus))


def curated_of(note: Mapping[str, str]) -> Curated:
    """Return what an index was built with from its ``Store.note``; defaults and empty if the note has none.

    >>> curated = Curated(Park(name="江阴园区"), glossary({"园区": ("园区", "park"), "park": ("园区", "park")}))
    >>> curated_of({NOTE: curated.to_json()}) == curated
    True
    """
    values = json.loads(note.get(NOTE, "{}"))
    groups = [tuple(words) for words in values.get("groups", ())]
    return Curated(
        park=_PARK.validate_python(values.get("park", {})),
        glossary=glossary({word: groups[number] for word, number in values.get("words", {}).items()}),
        faq=_FAQ.validate_python(values.get("faq", ())),
    )
