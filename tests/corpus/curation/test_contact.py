"""The contact of park.yaml: one text, or the particulars of the office."""

from __future__ import annotations

from pathlib import Path

import pytest

from parkqa.corpus.curation.config import NOTE, Curated, curated_of
from parkqa.corpus.curation.contact import LABELS, LARGEST, map_file
from parkqa.corpus.curation.glossary import glossary
from parkqa.corpus.curation.park import Park, load_park
from parkqa.errors import ParkFileError

OFFICE = "contact:\n  address: 一号\n  telephone: '0510-1'\n  hours: 9:00 至 17:00\n"


def load(folder: Path, content: str) -> Park:
    (folder / "park.yaml").write_text(content, encoding="utf-8")
    return load_park(folder)


def test_the_particulars_are_read_in_their_order_and_as_one_line(tmp_path: Path) -> None:
    park = load(tmp_path, OFFICE)
    assert list(park.office["contact"]) == ["telephone", "address", "hours"]
    assert park.contact == "电话：0510-1；地址：一号；接待时间：9:00 至 17:00"
    assert park.reached("zh") == (park.contact, park.office["contact"])


def test_one_text_is_a_contact_too(tmp_path: Path) -> None:
    park = load(tmp_path, "contact: 请拨 0510-1\n")
    assert (park.reached("zh"), park.reached("en")) == (("请拨 0510-1", {}), ("请拨 0510-1", {}))


def test_readers_of_english_get_their_own_where_there_is_one(tmp_path: Path) -> None:
    park = load(tmp_path, f"{OFFICE}contact_en:\n  telephone: +86 510-1\n")
    assert park.reached("en") == ("Telephone: +86 510-1", {"telephone": "+86 510-1"})
    assert park.reached("zh")[1]["address"] == "一号"


def test_a_map_must_be_a_picture_in_the_corpus(tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "way.JPG").write_bytes(b"x")
    park = load(tmp_path, "contact:\n  map: maps/way.JPG\n")
    assert park.reached("zh") == ("", {"map": "maps/way.JPG"})
    assert map_file(tmp_path, "maps/way.JPG") == (tmp_path / "maps" / "way.JPG").resolve()


@pytest.mark.parametrize("name", ["nothing.png", "../out.png", "park.yaml", "large.png", "/etc/hostname"])
def test_what_is_no_map_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "out.png").write_bytes(b"x")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "large.png").write_bytes(b"x" * (LARGEST + 1))
    with pytest.raises(ParkFileError) as raised:
        load(corpus, f"name: 甲\ncontact:\n  telephone: 1 2\n  map: {name}\n")
    assert raised.value.line == 4
    assert "map" in raised.value.zh and "map" in raised.value.en


@pytest.mark.parametrize(
    ("content", "line"),
    [("contact:\n  phone: 1 2\n", 2), ("contact:\n  telephone: 5101234\n", 2), ("contact:\n  hours: [9, 17]\n", 2)],
)
def test_a_particular_that_cannot_be_used_is_named(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(ParkFileError) as raised:
        load(tmp_path, content)
    assert raised.value.line == line


def test_every_unknown_particular_is_told_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ParkFileError) as raised:
        load(tmp_path, "contact:\n  fax: 1 2\n")
    assert all(key in raised.value.zh and key in raised.value.en for key in LABELS)


def test_the_office_travels_with_the_index(tmp_path: Path) -> None:
    curated = Curated(load(tmp_path, OFFICE), glossary({}))
    assert curated_of({NOTE: curated.to_json()}).park == curated.park


def test_the_office_itself_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(ParkFileError):
        load(tmp_path, "office:\n  contact:\n    telephone: 1 2\n")
