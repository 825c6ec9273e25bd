"""What staff write beside the documents goes with the index and comes back the same."""

from __future__ import annotations

from pathlib import Path

from parkqa.corpus.curation.config import NOTE, Curated, curated_of, read_curated
from parkqa.corpus.curation.glossary import glossary
from parkqa.corpus.curation.park import Park
from paths import CORPUS


def test_what_the_shipped_park_has_comes_back_the_same() -> None:
    made = read_curated(CORPUS)
    again = curated_of({NOTE: made.to_json()})
    assert (again.park, again.faq) == (made.park, made.faq)
    assert again.glossary.meanings == made.glossary.meanings
    assert list(again.glossary.meanings) == list(made.glossary.meanings)
    assert len(made.to_json().encode()) < 120_000


def test_faq_and_names_come_back_the_same(tmp_path: Path) -> None:
    (tmp_path / "park.yaml").write_text(
        "name: 甲\nshort_names: [乙]\ndocuments:\n  a.md: {title: 丙, valid_until: 2030-01-01}\n", encoding="utf-8"
    )
    (tmp_path / "faq.yaml").write_text(
        "- questions: [问？]\n  document: a.md\n  quote: 码头。\n- questions: [别的？]\n  out_of_scope: true\n",
        encoding="utf-8",
    )
    made = read_curated(tmp_path)
    assert curated_of({NOTE: made.to_json()}) == made
    assert made.names == ("甲", "乙")


def test_a_note_without_it_says_nothing() -> None:
    assert curated_of({}) == Curated(Park(), glossary({}))
